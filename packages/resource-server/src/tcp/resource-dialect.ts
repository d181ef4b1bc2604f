import type { Dialect, DialectStream, Incoming, Introduction } from "@sallyport/dialects";
import { plainIntroduction } from "@sallyport/dialects/native";
import type { CommonRefusal, Outcome } from "@sallyport/domain";
import { WireError } from "@sallyport/wire";
import type { LongRequests, Requester } from "../long-requests.ts";
import { type RefusalCode, replyOf } from "../refusals.ts";
import { longRequestBytesMax, usualRequestBytesMax } from "../requests/request.ts";
import type { Asked } from "../resource-service.ts";
import { type Envelope, readEnvelope } from "./read-envelope.ts";
import { frameOf, RequestFrames } from "./request-frames.ts";

/* Requests of one connection over TCP as commands of a client door, so that its bounds hold for them too. */

/** The names of requests, and these two for those that cannot be read. Metrics count them by these words. */
export const unreadable = "unreadable";
export const unknownRequest = "unknown";

type Answer = Outcome<{ readonly data: unknown }, RefusalCode | CommonRefusal>;
type Refused = Extract<Envelope, { readonly type: "refused" }>;

export type ResourceDoor = {
  commands: {
    [request: string]: {
      takes: { readonly asked: Asked } | { readonly refused: Refused };
      gives: { readonly data: unknown };
      refusals: RefusalCode;
    };
  };
  /** The address of the client is banned. The connection ends after this event. */
  events: { banned: object };
};

const dialectName = "resource";
const introduction: Introduction = { ...plainIntroduction, dialect: dialectName };

/**
 * The seed's clients wait for each answer. Others may send ahead, but what waits here costs memory: a long
 * request and a few others.
 */
const unansweredMax = 64;
const unansweredBytesMax = longRequestBytesMax + 2 * usualRequestBytesMax;
/** A client may be slow, but not stop in the middle of a request. */
const frameMsMax = 60_000;

/** Serves one connection. */
export class ResourceDialect implements Dialect<ResourceDoor> {
  readonly name = dialectName;
  readonly secondLogin = "takeover";
  readonly #longRequests: LongRequests;
  #stream: ResourceStream | null = null;

  constructor(longRequests: LongRequests) {
    this.#longRequests = longRequests;
  }

  open(): DialectStream<ResourceDoor> {
    this.#stream = new ResourceStream(this.#longRequests);
    return this.#stream;
  }

  /** Call this when the connection has ended, and nothing is being carried out for it. */
  ended(): void {
    this.#stream?.ended();
  }
}

interface Unanswered {
  readonly bytes: number;
  /** Ends the request, if it is a long one. */
  readonly end: (() => void) | null;
}

class ResourceStream implements DialectStream<ResourceDoor> {
  readonly introduction = introduction;
  readonly #frames: RequestFrames;
  readonly #longRequests: LongRequests;
  #requester: Requester = "stranger";
  /** Ends the long request that is arriving. Null: there is none. */
  #endArriving: (() => void) | null = null;
  /** When the unfinished frame began. Null: there is none. */
  #beganMs: number | null = null;
  /** The requests that wait for their answers. The key is the number of each on this connection. */
  readonly #unanswered = new Map<number, Unanswered>();
  #number = 0;
  /** The number of the request after which the connection ends. */
  #last: number | null = null;
  #isFinished = false;
  #output: Uint8Array[] = [];

  constructor(longRequests: LongRequests) {
    this.#longRequests = longRequests;
    this.#frames = new RequestFrames((frameBytes) => this.#admit(frameBytes));
  }

  get isFinished(): boolean {
    return this.#isFinished;
  }

  receive(bytes: Uint8Array, nowMs: number): Incoming<ResourceDoor>[] {
    const commands: Incoming<ResourceDoor>[] = [];
    if (this.#last !== null) return commands;
    for (const frame of this.#frames.push(bytes)) {
      const envelope: Envelope =
        frame.type === "frame" ? readEnvelope(frame.bytes) : { type: "refused", refusal: frame.why };
      commands.push(this.#commandOf(envelope, frame.type === "frame" ? frame.bytes.length : 0));
      if (this.#last !== null) break;
    }
    this.#beganMs = this.#frames.isWaiting ? (this.#beganMs ?? nowMs) : null;
    if (commands.length > 0 && this.#beganMs !== null) this.#beganMs = nowMs;
    return commands;
  }

  answer(answerTo: number, answer: Answer): Incoming<ResourceDoor>[] {
    this.#tell(answer);
    // No request succeeds without a valid token.
    if (answer.ok) this.#requester = "known";
    this.#unanswered.get(answerTo)?.end?.();
    this.#unanswered.delete(answerTo);
    this.#isFinished = answerTo === this.#last;
    return [];
  }

  event(): void {
    this.#tell({ ok: false, refusal: "access-denied" });
  }

  tick(nowMs: number): "alive" | "silent" {
    return this.#beganMs !== null && nowMs - this.#beganMs >= frameMsMax ? "silent" : "alive";
  }

  takeOutput(): readonly Uint8Array[] {
    return this.#output.splice(0);
  }

  ended(): void {
    this.#endArriving?.();
    for (const { end } of this.#unanswered.values()) end?.();
  }

  #tell(answer: Answer): void {
    const { status: _, ...reply } = replyOf(answer);
    this.#output.push(frameOf(JSON.stringify(reply)));
  }

  #commandOf(envelope: Envelope, bytes: number): Incoming<ResourceDoor> {
    const answerTo = ++this.#number;
    this.#unanswered.set(answerTo, { bytes, end: this.#endArriving });
    this.#endArriving = null;
    const waiting = [...this.#unanswered.values()].reduce((sum, each) => sum + each.bytes, 0);
    if (this.#unanswered.size > unansweredMax || waiting > unansweredBytesMax)
      throw new WireError("request", "too many of them are sent before their answers");
    const expiresMs = Number.POSITIVE_INFINITY;
    if (envelope.type === "request") {
      const { row, asked } = envelope;
      return { command: { type: row.name, asked }, answerTo, expiresMs };
    }
    // After an unknown number, the next frame can be read; after anything else, the client is not one of ours.
    const isUnknown = envelope.refusal === "unknown-type";
    if (!isUnknown) this.#last = answerTo;
    const type = isUnknown ? unknownRequest : unreadable;
    return { command: { type, refused: envelope }, answerTo, expiresMs };
  }

  #admit(frameBytes: number): "too-long" | "busy" | null {
    if (frameBytes > longRequestBytesMax) return "too-long";
    if (frameBytes <= usualRequestBytesMax) return null;
    this.#endArriving = this.#longRequests.begin(this.#requester);
    return this.#endArriving === null ? "busy" : null;
  }
}
