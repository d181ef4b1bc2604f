import { accepted, type Outcome, type Position, refused } from "@sallyport/domain";
import { InVain, RagnarokClient, walkTo } from "@sallyport/ragnarok-load";
import { systemClock } from "@sallyport/sdk";
import type { Answer, Player, PlayerProtocol, Target, Visitor } from "./player.ts";

const entriesMax = 500;
const lateMs = 1_000;
const stepsMax = 40;
const askEveryMs = 100;
/** The code of packet 0081 of a server that is busy. */
const tooMany = 4;
/** A timer of Node cannot run longer. */
const forEverMs = 2 ** 31 - 1;

/** An exception of the client as a refusal. A packet of another type than `wanted` is one too. */
async function answered<Packet extends { readonly type: string; readonly code?: number }>(
  asked: Promise<Packet>,
  wanted: string,
): Promise<Outcome<Packet, string>> {
  try {
    const packet = await asked;
    return packet.type.startsWith(wanted)
      ? accepted(packet)
      : refused(`${packet.type} ${packet.code ?? ""}`.trim());
  } catch (error) {
    return refused(refusalOf(error));
  }
}

function refusalOf(error: unknown): string {
  if (error instanceof InVain) return error.why === "timed-out" ? "unanswered" : "disconnected";
  if (error instanceof Error && error.name === "Unreachable") return "unreachable";
  throw error;
}

function clientOf({ account, entrance, from, answerMs }: Visitor): RagnarokClient {
  const { login: name, password } = account;
  return new RagnarokClient({
    ...{ login: entrance.login, account: name, password, from },
    ...{ withinMs: answerMs, entriesMax },
  });
}

/** From the char-server into the world, with the ids of the last login. */
async function enterWorld(client: RagnarokClient, { ask, account }: Visitor): Promise<Answer> {
  const entered = await ask("char enter", answered(client.enterChar(), "HC_ACCEPT_ENTER"));
  if (!entered.ok) return entered;
  if (client.characters.length === 0) {
    const wish = { name: account.character, slot: 0 };
    const created = await ask("create", answered(client.create(wish), "HC_ACCEPT_MAKECHAR"));
    if (!created.ok) return created;
  }
  const slot = client.characters[0]?.slot ?? 0;
  const chosen = await ask("choose", answered(client.select(slot), "HC_NOTIFY_ZONESVR"));
  return chosen.ok ? ask("map enter", answered(client.enterMap(), "ZC_ACCEPT_ENTER")) : chosen;
}

class RagnarokPlayer implements Player {
  readonly #client: RagnarokClient;
  readonly #visitor: Visitor;
  #isOver = false;

  constructor(client: RagnarokClient, visitor: Visitor) {
    this.#client = client;
    this.#visitor = visitor;
    void this.#listen();
  }

  get isIn(): boolean {
    return this.#client.door === "map" && this.#client.kickCode === null;
  }

  get stands(): Position | null {
    return null;
  }

  get map(): string | null {
    return this.#client.place?.map ?? null;
  }

  get complaints(): readonly string[] {
    return this.#client.faults.map(({ door, fault, detail }) => `${door}: ${fault}, ${detail}`);
  }

  async walk(to: Target): Promise<Answer> {
    const { ask, stepMs } = this.#visitor;
    return ask("walk", this.#walk(to, stepsMax * stepMs + lateMs), { detail: `to ${to.x},${to.y}` });
  }

  say(text: string): Promise<Answer> {
    const said = this.#wherever(() => this.#client.say(text), "ZC_NOTIFY_PLAYERCHAT");
    return this.#visitor.ask("say", said);
  }

  async goBack(): Promise<Answer> {
    const restarted = this.#wherever(() => this.#client.restart(), "ZC_RESTART_ACK");
    const back = await this.#visitor.ask("back to character select", restarted);
    return back.ok ? enterWorld(this.#client, this.#visitor) : back;
  }

  async leave(): Promise<Answer> {
    const quit = this.#wherever(() => this.#client.quit(), "ZC_ACK_REQ_DISCONNECT");
    const left = await this.#visitor.ask("leave", quit);
    this.#isOver = true;
    await this.#client.leave();
    return left;
  }

  destroy(): void {
    this.#isOver = true;
    this.#client.abort();
  }

  /** If a hop to another map-server begins first, asks there again. */
  async #wherever<Packet extends { readonly type: string; readonly code?: number }>(
    ask: () => Promise<Packet>,
    wanted: string,
  ): Promise<Outcome<Packet, string>> {
    await this.#client.hopped();
    const { hops } = this.#client;
    const answer = await answered(ask(), wanted);
    if (answer.ok || this.#client.hops === hops) return answer;
    await this.#client.hopped();
    return answered(ask(), wanted);
  }

  /** A walk that is not there in good time is no refusal: somebody may have stopped it. */
  async #walk(to: Target, withinMs: number): Promise<Answer> {
    const client = this.#client;
    const before = client.place?.map;
    const isAway = (): boolean => client.place?.map !== before;
    try {
      await walkTo(client, to, { clock: systemClock, withinMs, askEveryMs });
      if (to.isWarp) await client.journal.until(isAway, { what: "the warp", withinMs: lateMs });
    } catch (error) {
      const refusal = refusalOf(error);
      // The client is between two map-servers, and walks no more.
      await client.hopped();
      if (refusal !== "unanswered" && client.door !== "map") return refused(refusal);
    }
    await client.hopped();
    return accepted({});
  }

  /** Hears every line of another player until the client has left. */
  async #listen(): Promise<void> {
    await this.#client.journal.next(
      (entry) => {
        if (entry.kind === "packet" && entry.packet.type === "ZC_NOTIFY_CHAT")
          this.#visitor.heard(entry.packet.text);
        // At a hop the client itself closes the connection.
        const isEnd = entry.kind === "closed" && (this.#isOver || entry.by === "server");
        return isEnd || undefined;
      },
      { what: "the end", withinMs: forEverMs },
    );
  }
}

/** Clients of the Ragnarok protocol. */
export const ragnarokPlayers: PlayerProtocol = {
  busyWords: [`SC_NOTIFY_BAN ${tooMany}`],
  ...{ name: "ragnarok", door: "ragnarok", registersEmail: false, listsPlaces: false },
  async register(visitor) {
    const client = clientOf(visitor);
    const { login } = visitor.account;
    const registered = await visitor.ask("register", answered(client.login(`${login}_M`), "AC_ACCEPT_LOGIN"));
    await client.leave();
    return registered;
  },
  async enter(visitor): Promise<Outcome<Player, string>> {
    const client = clientOf(visitor);
    const loggedIn = await visitor.ask("login", answered(client.login(), "AC_ACCEPT_LOGIN"));
    const entered = loggedIn.ok ? await enterWorld(client, visitor) : loggedIn;
    if (entered.ok) return accepted(new RagnarokPlayer(client, visitor));
    client.abort();
    return entered;
  },
};
