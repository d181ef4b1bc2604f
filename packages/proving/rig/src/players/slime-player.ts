import { accepted, type Outcome, refused } from "@sallyport/domain";
import { SlimeClient, slimeIds, str, u16 } from "@sallyport/foreign-clients";
import { describeRefusal } from "@sallyport/sdk";
import type { Answer, Player, PlayerProtocol, Visitor } from "./player.ts";
import { playInRoom, type Talk } from "./room-player.ts";

/* Clients of the protocol 0.106 are always in a room, and go from room to room, but over no warp. */

/** LOGIN logs in, enters the world, makes the character, chooses it, and goes to the room. */
const loginParts = 6;
/** The result of REGISTER. */
const registered = 1;
/** The side of a cell of the room in units, as its map file says. */
const unitsPerCell = 32;

/** The protocol has a code for few refusals. The server tells all others in words. */
const unanswered = ({ farewell }: SlimeClient): Answer => refused(farewell ?? "disconnected");

async function logIn(client: SlimeClient, { account }: Visitor): Promise<Answer> {
  const answer = await client.logsIn(account.login, account.password);
  if (answer === null) return unanswered(client);
  return typeof answer === "number" ? refused(`case ${answer}`) : accepted({});
}

async function register({ account, entrance, from, answerMs }: Visitor): Promise<Answer> {
  const client = await SlimeClient.connect(entrance.login, from).catch(() => null);
  if (client === null) return refused("unreachable");
  client.stream.patienceMs = answerMs;
  const result = await client.registers(account.login, account.password);
  client.stream.destroy();
  if (result === null) return unanswered(client);
  return result === registered ? accepted({}) : refused(`result ${result}`);
}

const talkOf = (client: SlimeClient): Talk => ({
  stream: client.stream,
  says: (text) => client.says(slimeIds.chat, str(text)),
  leaves: () => client.says(slimeIds.logout),
  async hears() {
    for (;;) {
      const heard = await client.next();
      if (heard === null) return null;
      if (heard.id !== slimeIds.chat) continue;
      // The number of the player comes before its words.
      heard.short();
      return heard.string();
    }
  },
  /** Says where it is, and is there. It stays in the room. */
  walks({ x, y, isWarp }) {
    const middle = (cell: number): Buffer => u16(cell * unitsPerCell + unitsPerCell / 2);
    if (!isWarp) client.says(slimeIds.stop, middle(x), middle(y));
  },
});

/** Clients of the protocol 0.106. */
export const slimePlayers: PlayerProtocol = {
  ...{ name: "slime", door: "front", registersEmail: false, listsPlaces: false },
  busyWords: [describeRefusal("busy"), describeRefusal("unavailable")],
  register: (visitor) => visitor.ask("register", register(visitor)),
  async enter(visitor): Promise<Outcome<Player, string>> {
    const { ask, entrance, from, answerMs } = visitor;
    const client = await SlimeClient.connect(entrance.login, from).catch(() => null);
    if (client === null) return ask<Player, string>("map enter", Promise.resolve(refused("unreachable")));
    client.stream.patienceMs = answerMs;
    const entered = await ask("map enter", logIn(client, visitor), { parts: loginParts });
    if (entered.ok) return accepted(playInRoom(talkOf(client), visitor));
    client.stream.destroy();
    return entered;
  },
};
