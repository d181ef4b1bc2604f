import { createPublicKey } from "node:crypto";
import { accepted, type Outcome, refused } from "@sallyport/domain";
import { ChatClient } from "@sallyport/foreign-clients";
import type { Answer, Player, PlayerProtocol, Visitor } from "./player.ts";
import { playInRoom, type Talk } from "./room-player.ts";

/*
 * Clients of the chat protocol are always in the room of the front. They cannot walk, and are told no place.
 */

/** Name and password log in, enter the world, and make the character. */
const loginParts = 3;
/** The key chooses the character, and goes to the room. */
const keyParts = 2;

async function logIn(client: ChatClient, { account }: Visitor): Promise<Answer> {
  const said = await client.tries(account.login, account.password);
  return said === "OK" ? accepted({}) : refused(said ?? "disconnected");
}

async function enterRoom(client: ChatClient): Promise<Answer> {
  const welcome = await client.plain();
  client.showKey();
  const key = welcome === null ? null : await client.plain();
  if (key === null) return refused("disconnected");
  client.serverKey = createPublicKey(key);
  const first = await client.secure();
  return first?.endsWith(": [ CONNECTED ]") === true ? accepted({}) : refused(first ?? "disconnected");
}

const talkOf = (client: ChatClient): Talk => ({
  stream: client.stream,
  says: (text) => client.says(text),
  leaves: () => client.says("disconnect"),
  hears: () => client.secure(),
});

/** Clients of the chat server of SERVER_LIB. A new name makes an account. */
export const chatPlayers: PlayerProtocol = {
  busyWords: ["FAILURE"],
  ...{ name: "chat", door: "front", registersEmail: false, listsPlaces: false },
  register: async () => accepted({}),
  async enter(visitor): Promise<Outcome<Player, string>> {
    const { ask, entrance, from, answerMs } = visitor;
    const client = await ChatClient.connect(entrance.login, from).catch(() => null);
    if (client === null) return ask("login", Promise.resolve(refused("unreachable")));
    client.stream.patienceMs = answerMs;
    const loggedIn = await ask("login", logIn(client, visitor), { parts: loginParts });
    const entered = loggedIn.ok ? await ask("map enter", enterRoom(client), { parts: keyParts }) : loggedIn;
    if (entered.ok) return accepted(playInRoom(talkOf(client), visitor));
    client.stream.destroy();
    return entered;
  },
};
