import { type Ask, enterMap, enterWorld, register } from "@sallyport/bots";
import type { Outcome } from "@sallyport/domain";
import { connectBy, type Way } from "@sallyport/rig";
import { type CharacterSelect, type Client, type Credentials, createClient, type Game } from "@sallyport/sdk";
import { type Fact, nowMs } from "../history/fact.ts";

export interface RecordedClientOptions {
  readonly name: string;
  readonly way: Way;
  readonly credentials: Credentials;
  readonly saw: (fact: Fact) => void;
}

/**
 * Time limit for an answer, in milliseconds. The checks allow less time, so the history contains late answers
 * too.
 */
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
      login: way.login,
      credentials,
      bounds: { connectMs: 5_000, answerMs },
    });
  }

  async register(): Promise<boolean> {
    if ((await register(this.#client, this.#account, this.#ask)) !== null) return false;
    return (await this.#said("salt", this.#client.prepareLogIn(this.#account))).ok;
  }

  async enter(): Promise<Outcome<Game, string>> {
    const entered = await enterWorld(this.#client, this.#account, this.#ask);
    return entered.ok ? this.#enterMap(entered.value) : entered;
  }

  async backToCharSelect(game: Game): Promise<Outcome<Game, string>> {
    const back = await this.#said("back to character select", game.backToCharSelect());
    return back.ok ? this.#enterMap(back.value) : back;
  }

  async #enterMap(select: CharacterSelect): Promise<Outcome<Game, string>> {
    const entered = await enterMap(this.#client, select, this.#account.name, {
      ask: this.#ask,
      listed: ({ charId, position }) => {
        this.#charId = charId;
        this.stood("listed", position);
      },
    });
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

  readonly #ask: Ask = (step, request) => this.#said(step, request());

  get #account() {
    const { name } = this.#options;
    return { name, password: passwordOf(name) };
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
