import type { AnswerTo, CommandName, LoginDoor } from "@sallyport/domain";
import type { Dialect, DialectStream, Incoming, Introduction } from "../dialect.ts";
import { FrameReader, frameOf } from "./frames.ts";
import { readRequest } from "./requests.ts";

export { requestBytesMax } from "./frames.ts";

/** The server waits this long for a whole request. */
const requestMs = 10_000;
const answerMs = 15_000;
/** There is one request on a connection. */
const onlyRequest = 1;

const introduction: Introduction = {
  ...{ version: 0, dialect: "token", program: "", programVersion: "" },
  ...{ deviceId: null, secondLogin: null },
};

/**
 * `reading` until the request is complete, `asked` until its answer, then `answered`. A request without the
 * right fields is answered here, because it is no command.
 */
type State = "reading" | "asked" | "answered";

class TokenStream implements DialectStream<LoginDoor> {
  readonly introduction = introduction;
  readonly #reader = new FrameReader();
  readonly #openedMs: number;
  #state: State = "reading";
  #output: Uint8Array[] = [];
  #notes: string[] = [];

  constructor(nowMs: number) {
    this.#openedMs = nowMs;
  }

  receive(bytes: Uint8Array, nowMs: number): Incoming<LoginDoor>[] {
    if (this.#state !== "reading") return [];
    const body = this.#reader.push(bytes);
    if (body === null) return [];
    const read = readRequest(body);
    if (!read.ok) {
      this.#notes.push(`a request that is ${read.reason}`);
      this.#say({ type: "refused", reason: read.reason });
      return [];
    }
    this.#state = "asked";
    const command = { type: "login.token.password", ...read.request } as const;
    return [{ command, answerTo: onlyRequest, expiresMs: nowMs + answerMs }];
  }

  answer(_answerTo: number, answer: AnswerTo<LoginDoor, CommandName<LoginDoor>>): [] {
    // There is no other command. TypeScript cannot follow that.
    this.#say(answerOf(answer as AnswerTo<LoginDoor, "login.token.password">));
    return [];
  }

  event(): void {}

  tick(nowMs: number): "alive" | "silent" {
    return this.#state === "reading" && nowMs - this.#openedMs >= requestMs ? "silent" : "alive";
  }

  takeOutput(): readonly Uint8Array[] {
    const output = this.#output;
    this.#output = [];
    return output;
  }

  takeNotes(): readonly string[] {
    const notes = this.#notes;
    this.#notes = [];
    return notes;
  }

  get isFinished(): boolean {
    return this.#state === "answered";
  }

  #say(answer: object): void {
    this.#state = "answered";
    this.#output.push(frameOf(answer));
  }
}

function answerOf(answer: AnswerTo<LoginDoor, "login.token.password">): object {
  if (answer.ok) return { type: "token", token: answer.value.token, expires: answer.value.expiresS };
  const { refusal: reason, retryAfterMs, detail } = answer;
  return {
    ...{ type: "refused", reason },
    ...(retryAfterMs == null ? {} : { retryAfterMs }),
    ...(detail == null ? {} : { detail }),
  };
}

/** The token port of seed 002: one request for a token, by name and password, and its answer. */
export const tokenDoor: Dialect<LoginDoor> = {
  name: introduction.dialect,
  // A request for a token takes no account lock, so there is no second login.
  secondLogin: "reject",
  open: (nowMs) => new TokenStream(nowMs),
};
