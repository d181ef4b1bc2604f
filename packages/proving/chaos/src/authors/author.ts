import { setTimeout } from "node:timers/promises";
import type { Stop } from "@sallyport/bots";
import { type Place, type TokenAnswer, TokenClient } from "@sallyport/foreign-clients";
import type { Random } from "@sallyport/random";
import type { AccountPasswords } from "../bots/account-passwords.ts";
import { type Fact, nowMs } from "../history/fact.ts";
import { answerMs } from "../timing.ts";
import { type BoardAnswer, type BoardRequest, type BoardWay, overHttp, overTcp } from "./board-ways.ts";

export interface AuthorPlaces {
  /** Where it gets its tokens. */
  readonly token: Place;
  readonly tcp: Place;
  readonly http: Place;
}

export interface AuthorOptions {
  readonly name: string;
  readonly passwords: AccountPasswords;
  readonly places: AuthorPlaces;
  /** The id of the leaderboard. */
  readonly board: number;
  readonly from: string;
  readonly saw: (fact: Fact) => void;
  readonly random: Random;
  /** Returns another number each time, for all authors. */
  readonly nextNumber: () => number;
  /** The author writes until this, or gives up coming home. */
  readonly stop: Stop;
  /** Whether the operator has ended the tokens that the author had got by then. */
  readonly isEnded: (gotMs: number) => boolean;
}

interface Token {
  readonly nth: number;
  readonly text: string;
  readonly gotMs: number;
}

interface Written {
  readonly kind: "entry" | "comment" | "proof";
  readonly request: BoardRequest;
  readonly rows: readonly string[];
}

const pauseMs = [30, 250] as const;
/** After wrong passwords an address has to wait, so an author in doubt takes its time. */
const refusedMs = [500, 1_500] as const;
/** No server takes an ended token for so long. */
const endedMsMax = 130_000;
const forgedChance = 0.06;
const endedChance = 0.06;
const weights = { entry: 3, comment: 3, proof: 2 } as const;

/**
 * Writes entries, comments and proofs over both ports of the resource-server with one token, until that is refused.
 * Then it gets another one. Sometimes it shows a token that nobody has signed, or one that was refused before.
 */
export class Author {
  readonly name: string;
  readonly #options: AuthorOptions;
  readonly #ways: readonly BoardWay[];
  readonly #ended: Token[] = [];
  #token: Token | null = null;
  #entryId: number | null = null;

  constructor(options: AuthorOptions) {
    const { name: identity, from, places } = options;
    this.name = identity;
    this.#options = options;
    this.#ways = [
      overTcp({ place: places.tcp, identity, from, answerMs }),
      overHttp({ place: places.http, identity, from, answerMs }),
    ];
  }

  /** When it has to stop, it goes on as long as its token was ended and is taken nevertheless. */
  async run(): Promise<void> {
    const { stop, random, isEnded } = this.#options;
    while (!stop.isAsked) {
      await this.#write(random.pick(this.#ways));
      await stop.wait(random.whole(...pauseMs));
    }
    for (const untilMs = nowMs() + endedMsMax; nowMs() < untilMs; ) {
      if (this.#token === null || !isEnded(this.#token.gotMs)) break;
      await this.#write(random.pick(this.#ways));
      await setTimeout(random.whole(...refusedMs));
    }
    this.#close();
  }

  /** Writes until each way has worked. Resolves to the refusals. The last one is `never` if one never worked. */
  async comeHome(): Promise<readonly string[]> {
    const { stop, random } = this.#options;
    const refusals: string[] = [];
    for (const way of this.#ways) {
      for (let isHome = false; !isHome && !stop.isAsked; ) {
        const answer = await this.#write(way);
        isHome = answer.ok;
        if (!answer.ok) refusals.push(answer.refusal);
        await stop.wait(random.whole(...pauseMs));
      }
    }
    this.#close();
    return stop.isAsked ? [...refusals, "never"] : refusals;
  }

  #close(): void {
    for (const way of this.#ways) way.close();
  }

  async #write(way: BoardWay): Promise<BoardAnswer> {
    const { random, saw, stop } = this.#options;
    const token = this.#token ?? (await this.#newToken());
    if (token === null) {
      await stop.wait(random.whole(...refusedMs));
      return { ok: false, refusal: "no token" };
    }
    const [isForged, isOld] = [random.chance(forgedChance), random.chance(endedChance)];
    const shown = isOld && this.#ended.length > 0 ? random.pick(this.#ended) : token;
    const { kind, request, rows } = this.#something();
    const askedMs = nowMs();
    const answer = await way.asks(request, isForged ? forgedOf(shown.text) : shown.text);
    const said = answer.ok ? "ok" : answer.refusal;
    const about = { atMs: nowMs(), askedMs, account: this.name, way: way.name, answer: said };
    saw({ type: "board-write", ...about, rows, token: isForged ? null : shown.nth });
    const call = { protocol: way.name, charId: null, call: `write ${kind}`, detail: rows.join(), parts: 1 };
    saw({ type: "call", ...about, ...call });
    if (answer.ok && kind === "entry") this.#entryId = Number(answer.data);
    if (said === "token" && !isForged && shown === this.#token) {
      this.#ended.push(shown);
      this.#token = null;
    }
    return answer;
  }

  #something(): Written {
    const { random, board, nextNumber } = this.#options;
    const nth = nextNumber();
    const by = `of ${this.name}`;
    const kind = this.#entryId === null ? "entry" : random.weighted(weights);
    if (kind === "entry" || this.#entryId === null) {
      const [path, ids] = [`/leaderboards/${board}/entries`, { leaderboard_id: board }];
      const body = { score: nth, comment: `with entry ${nth}` };
      const rows = [`entry ${nth} ${by}`, `comment with entry ${nth} ${by}`];
      return { kind: "entry", request: { type: 4, path, ids, body }, rows };
    }
    const [path, ids] = [`/entries/${this.#entryId}`, { entry_id: this.#entryId }];
    if (kind === "comment") {
      const request = { type: 13, path: `${path}/comments`, ids, body: { content: `${nth}` } };
      return { kind, request, rows: [`comment ${nth} ${by}`] };
    }
    const file = `file ${nth}`;
    const body = { filename: `${nth}.txt`, file: Buffer.from(file).toString("base64") };
    const request = { type: 18, path: `${path}/proofs`, ids, body };
    return { kind, request, rows: [`proof ${nth}.txt ${by}: ${file}`] };
  }

  async #newToken(): Promise<Token | null> {
    const { passwords, places, from, random, saw, nextNumber } = this.#options;
    const password = passwords.typed(random);
    const askedMs = nowMs();
    const client = await TokenClient.connect(places.token, from).catch(() => null);
    let told: TokenAnswer | null = null;
    if (client !== null) {
      client.stream.patienceMs = answerMs;
      told = await client.asks({ type: "token", identity: this.name, password });
      client.stream.destroy();
    }
    const { token: text, reason } = told ?? {};
    const gone = nowMs() - askedMs < answerMs ? "disconnected" : "unanswered";
    const refusal = client === null ? "unreachable" : typeof reason === "string" ? reason : gone;
    const answer = typeof text === "string" ? "ok" : refusal;
    const about = { atMs: nowMs(), askedMs, account: this.name };
    const call = { protocol: "token", charId: null, call: "token", detail: "", parts: 1, password };
    saw({ type: "call", ...about, way: "login-1", answer, ...call });
    if (typeof text !== "string") return null;
    passwords.stored(password);
    this.#token = { nth: nextNumber(), text, gotMs: about.atMs };
    saw({ type: "board-token", ...about, token: this.#token.nth });
    return this.#token;
  }
}

/** The same token with another signature. */
function forgedOf(token: string): string {
  const at = token.lastIndexOf(".") + 1;
  return `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`;
}
