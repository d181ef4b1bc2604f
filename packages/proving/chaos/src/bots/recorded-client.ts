import type { Outcome } from "@sallyport/domain";
import { connectBy, type Way } from "@sallyport/rig";
import {
  type CharacterSelect,
  type Client,
  type Credentials,
  createClient,
  type Game,
  leastCrowded,
} from "@sallyport/sdk";
import { type Fact, nowMs } from "../history/fact.ts";

export interface RecordedClientOptions {
  readonly name: string;
  readonly way: Way;
  readonly credentials: Credentials;
  readonly saw: (fact: Fact) => void;
}

/** Longer than any answer may take, so that an answer that takes too long is seen. */
const answerMs = 60_000;

export const passwordOf = (name: string): string => `${name} keeps no secrets`;

/** A client that records each of its questions and answers. */
export class RecordedClient {
  readonly #options: RecordedClientOptions;
  readonly #client: Client;
  #charId: number | null = null;

  constructor(options: RecordedClientOptions) {
    this.#options = options;
    const { way, credentials } = options;
    this.#client = createClient({
      connect: connectBy(way),
      login: { host: "127.0.0.1", port: way.loginPort },
      credentials,
      bounds: { connectMs: 5_000, answerMs },
    });
  }

  async register(): Promise<boolean> {
    const { name } = this.#options;
    const account = { name, password: passwordOf(name) };
    const registered = await this.#said("register", this.#client.register({ ...account, sex: "female" }));
    const isThere = registered.ok || registered.refusal === "name-taken";
    return isThere && (await this.#said("salt", this.#client.prepareLogIn(account))).ok;
  }

  /** Goes through all doors into the world. */
  async enter(): Promise<Outcome<Game, string>> {
    const { name } = this.#options;
    const loggedIn = await this.#said("log in", this.#client.logIn({ name, password: passwordOf(name) }));
    if (!loggedIn.ok) return loggedIn;
    const world = leastCrowded(loggedIn.value.worlds);
    if (world === undefined) return { ok: false, refusal: "no-world" };
    const entered = await this.#said("enter world", this.#client.enterWorld(world));
    return entered.ok ? this.enterMapFrom(entered.value) : entered;
  }

  async backToCharSelect(game: Game): Promise<Outcome<Game, string>> {
    const back = await this.#said("back to character select", game.backToCharSelect());
    return back.ok ? this.enterMapFrom(back.value) : back;
  }

  async enterMapFrom(select: CharacterSelect): Promise<Outcome<Game, string>> {
    const { name } = this.#options;
    let [character] = select.characters;
    if (character === undefined) {
      const created = await this.#said("create", select.create({ slot: 0, name }));
      if (!created.ok) {
        select.leave();
        return created;
      }
      character = created.value;
    }
    this.#charId = character.charId;
    this.stood("listed", character.position);
    const handedOver = await this.#said("choose", select.handOver(character.charId));
    if (!handedOver.ok) {
      select.leave();
      return handedOver;
    }
    const entered = await this.#said("enter map", this.#client.enterMap(handedOver.value));
    if (entered.ok) this.stood("unknown");
    return entered;
  }

  walk(game: Game, to: { readonly x: number; readonly y: number }) {
    return this.#said("walk", game.walk(to.x, to.y), `to ${game.position.map} ${to.x},${to.y}`);
  }

  say(game: Game, text: string) {
    return this.#said("say", game.say(text));
  }

  leave(game: Game) {
    return this.#said("leave", game.leave("offline"));
  }

  stood(when: "left" | "listed" | "unknown", at?: { map: string; x: number; y: number }): void {
    const place = at === undefined ? "" : `${at.map} ${at.x},${at.y}`;
    this.#options.saw({ type: "stood", atMs: nowMs(), account: this.#options.name, when, place });
  }

  async #said<Value, Code extends string>(
    call: string,
    asked: Promise<Outcome<Value, Code>>,
    detail = "",
  ): Promise<Outcome<Value, Code>> {
    const askedMs = nowMs();
    const outcome = await asked;
    this.#options.saw({
      type: "call",
      atMs: nowMs(),
      askedMs,
      account: this.#options.name,
      way: this.#options.way.name,
      charId: this.#charId,
      call,
      answer: outcome.ok ? "ok" : outcome.refusal,
      detail,
    });
    return outcome;
  }
}
