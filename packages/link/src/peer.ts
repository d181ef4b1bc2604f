import {
  encodeFrames,
  type Frame,
  type FrameKind,
  FrameSplitter,
  frameOverheadBytes,
  isRequestRow,
  MessageCodec,
  type MessageTable,
  type NoticeOf,
  type ReplyOf,
  type RequestName,
  type RequestOf,
  WireError,
  type WireRefusal,
} from "@sallyport/wire";
import { isLaterRequestId, placeOfRequestId, requestIdAt } from "./request-id.ts";

/**
 * One end of a link, without I/O: bytes and ticks go in, events and bytes come out. A peer has no timer, no
 * socket and no clock. So the same object runs over TCP, in memory and over a simulated network.
 *
 * Each end sends messages of one table and receives messages of another. Every request ends in exactly one
 * event: `answered`, or `unanswered` when its time is over. An unanswered request may have been carried out.
 * If the link ends first, `Link` reports the request as unanswered.
 *
 * If nothing arrives from the far end, it becomes `suspect` first and then `down`. Any bytes make a suspect
 * end `alive` again.
 */

export interface PeerLimits {
  /** If the far end sends a longer frame, that is a `WireError`. */
  readonly receiveBytesMax: number;
  /** If this end sends a longer frame, that is a bug in this process. */
  readonly sendBytesMax: number;
  /** At most this many received requests can wait for answers. One more is a `WireError`. */
  readonly requestsHeldMax: number;
}

export interface Heartbeat {
  /** A ping is sent if nothing else was sent for this long. */
  readonly pingMs: number;
  readonly suspectMs: number;
  readonly downMs: number;
}

export type Answer<T extends MessageTable, N extends RequestName<T>> =
  | { readonly ok: true; readonly value: ReplyOf<T, N> }
  | ({ readonly ok: false } & WireRefusal);

export type PeerEvent<Sends extends MessageTable, Receives extends MessageTable> =
  | {
      readonly type: "request";
      readonly requestId: number;
      readonly message: RequestOf<Receives>;
      readonly expiresMs: number;
    }
  | { readonly type: "notice"; readonly message: NoticeOf<Receives> }
  | {
      readonly type: "answered";
      readonly requestId: number;
      readonly answer: Answer<Sends, RequestName<Sends>>;
    }
  | { readonly type: "unanswered"; readonly requestId: number }
  | { readonly type: "suspect" | "alive" | "down" };

export interface PeerOptions {
  readonly limits: PeerLimits;
  readonly heartbeat: Heartbeat;
  /** The id of the first request of this end. Default: 1. The far end accepts any id except 0. */
  readonly firstRequestId?: number;
  /**
   * Called for each frame before it is decoded. If it returns true, the frame is skipped, whatever the frame
   * contains.
   */
  readonly passesOver?: (frame: Frame) => boolean;
}

interface PendingRequest<T extends MessageTable> {
  readonly name: RequestName<T>;
  readonly expiresMs: number;
}

export function noticeFrame<T extends MessageTable>(codec: MessageCodec<T>, notice: NoticeOf<T>): Frame {
  // Copy the body: an encoded body keeps a buffer with other bodies in memory.
  return { kind: "notice", correlationId: 0, body: new Uint8Array(codec.encode(notice, 0)) };
}

const nothing: readonly Uint8Array[] = [];
const noBody = new Uint8Array(0);

export class Peer<Sends extends MessageTable, Receives extends MessageTable> {
  readonly #sends: MessageCodec<Sends>;
  readonly #receives: MessageCodec<Receives>;
  readonly #limits: PeerLimits;
  readonly #heartbeat: Heartbeat;
  readonly #splitter: FrameSplitter;
  readonly #passesOver: (frame: Frame) => boolean;
  readonly #asked = new Map<number, PendingRequest<Sends>>();
  /** The names of the received requests without an answer, by id. The name is needed to encode the reply. */
  readonly #held = new Map<number, RequestName<Receives>>();
  #output: Frame[] = [];
  readonly #firstRequestId: number;
  #requestsSent = 0;
  /** The latest id of a received request. It is 0 before the first request. */
  #lastHeldId = 0;
  #heardMs: number;
  #spokeMs: number;
  #standing: "alive" | "suspect" | "down" = "alive";

  constructor(
    sends: MessageCodec<Sends>,
    receives: MessageCodec<Receives>,
    options: PeerOptions,
    nowMs: number,
  ) {
    this.#firstRequestId = options.firstRequestId ?? 1;
    this.#sends = sends;
    this.#receives = receives;
    this.#limits = options.limits;
    this.#heartbeat = options.heartbeat;
    this.#splitter = new FrameSplitter(options.limits.receiveBytesMax);
    this.#passesOver = options.passesOver ?? (() => false);
    this.#heardMs = nowMs;
    this.#spokeMs = nowMs;
  }

  get requestsHeld(): number {
    return this.#held.size;
  }

  /**
   * Throws `WireError` for invalid bytes. The link can no longer be used after that. `arrivedMs` is the
   * earliest time at which the bytes can have arrived. The time to live of the requests starts at
   * `arrivedMs`.
   */
  receive(bytes: Uint8Array, nowMs: number, arrivedMs = nowMs): PeerEvent<Sends, Receives>[] {
    this.#heardMs = nowMs;
    const events: PeerEvent<Sends, Receives>[] = [];
    if (this.#standing === "suspect") {
      this.#standing = "alive";
      events.push({ type: "alive" });
    }
    for (const frame of this.#splitter.push(bytes)) {
      if (this.#passesOver(frame)) continue;
      const event = this.#read(frame, nowMs, arrivedMs);
      if (event !== null) events.push(event);
    }
    return events;
  }

  /**
   * Sends a request and returns its id. The same id comes back in exactly one `answered` or `unanswered`
   * event.
   */
  request(message: RequestOf<Sends>, nowMs: number, ttlMs: number): number {
    const requestId = requestIdAt(this.#firstRequestId, this.#requestsSent);
    this.#write("request", requestId, this.#sends.encode(message, ttlMs), nowMs);
    this.#requestsSent += 1;
    this.#asked.set(requestId, { name: message.type as RequestName<Sends>, expiresMs: nowMs + ttlMs });
    return requestId;
  }

  notify(message: NoticeOf<Sends>, nowMs: number): void {
    this.#write("notice", 0, this.#sends.encode(message, 0), nowMs);
  }

  /** Sends the frame of a notice. Several peers can send the same frame, so the frame must not change. */
  notifyEncoded({ kind, correlationId, body }: Frame, nowMs: number): void {
    this.#write(kind, correlationId, body, nowMs);
  }

  /**
   * Answers a received request. Throws if the request was already answered or was never received: both are
   * bugs in this process.
   */
  answer(requestId: number, answer: Answer<Receives, RequestName<Receives>>, nowMs: number): void {
    const name = this.#held.get(requestId);
    if (name === undefined) throw new Error(`request ${requestId} is not waiting for an answer`);
    this.#held.delete(requestId);
    if (answer.ok) this.#write("reply", requestId, this.#receives.encodeReply(name, answer.value), nowMs);
    else this.#write("refusal", requestId, this.#receives.encodeRefusal(answer satisfies WireRefusal), nowMs);
  }

  /** Drops a received request that has expired. Its sender no longer waits, so no answer is sent. */
  drop(requestId: number): void {
    this.#held.delete(requestId);
  }

  /** Call this method several times per `pingMs`. */
  tick(nowMs: number): PeerEvent<Sends, Receives>[] {
    const events: PeerEvent<Sends, Receives>[] = [];
    for (const [requestId, asked] of this.#asked) {
      if (asked.expiresMs > nowMs) continue;
      this.#asked.delete(requestId);
      events.push({ type: "unanswered", requestId });
    }
    const silentMs = nowMs - this.#heardMs;
    if (this.#standing !== "down" && silentMs >= this.#heartbeat.downMs) {
      this.#standing = "down";
      events.push({ type: "down" });
    } else if (this.#standing === "alive" && silentMs >= this.#heartbeat.suspectMs) {
      this.#standing = "suspect";
      events.push({ type: "suspect" });
    }
    if (nowMs - this.#spokeMs >= this.#heartbeat.pingMs) {
      this.#write("ping", 0, noBody, nowMs);
    }
    return events;
  }

  /** Call this method while this end reads nothing. The far end then only seems silent. */
  excuseSilence(nowMs: number): void {
    this.#heardMs = nowMs;
  }

  takeOutput(): readonly Uint8Array[] {
    if (this.#output.length === 0) return nothing;
    const bytes = encodeFrames(this.#output);
    this.#output = [];
    return [bytes];
  }

  #write(kind: FrameKind, correlationId: number, body: Uint8Array, nowMs: number): void {
    if (frameOverheadBytes + body.length > this.#limits.sendBytesMax)
      throw new Error("a message is longer than a frame may be");
    this.#spokeMs = nowMs;
    this.#output.push({ kind, correlationId, body });
  }

  #read(frame: Frame, nowMs: number, arrivedMs: number): PeerEvent<Sends, Receives> | null {
    switch (frame.kind) {
      case "ping":
        this.#write("pong", frame.correlationId, noBody, nowMs);
        return null;
      case "pong":
        return null;
      case "request":
        return this.#readRequest(frame, arrivedMs);
      case "notice": {
        const { message, row } = this.#receives.decode(frame.body);
        if (isRequestRow(row)) throw new WireError(message.type, "a request sent as a notice");
        return { type: "notice", message: message as NoticeOf<Receives> };
      }
      case "reply":
      case "refusal":
        return this.#readAnswer(frame);
    }
  }

  #readRequest(frame: Frame, arrivedMs: number): PeerEvent<Sends, Receives> | null {
    const { message, row, ttlMs } = this.#receives.decode(frame.body);
    if (!isRequestRow(row)) throw new WireError(message.type, "a notice sent as a request");
    if (frame.correlationId === 0) throw new WireError(message.type, "a request without an id");
    // An id that is not later than the last one belongs to a duplicate. The request was already handled.
    const isDuplicate = this.#lastHeldId !== 0 && !isLaterRequestId(frame.correlationId, this.#lastHeldId);
    if (isDuplicate) return null;
    this.#lastHeldId = frame.correlationId;
    if (this.#held.size >= this.#limits.requestsHeldMax) {
      throw new WireError(message.type, "more requests at once than allowed");
    }
    this.#held.set(frame.correlationId, message.type as RequestName<Receives>);
    return {
      type: "request",
      requestId: frame.correlationId,
      message: message as RequestOf<Receives>,
      expiresMs: arrivedMs + ttlMs,
    };
  }

  #readAnswer(frame: Frame): PeerEvent<Sends, Receives> | null {
    const requestId = frame.correlationId;
    const asked = this.#asked.get(requestId);
    // This answer is late. The caller already got `unanswered` and must not get a second result.
    if (asked === undefined) {
      const place = placeOfRequestId(this.#firstRequestId, requestId);
      if (requestId === 0 || place >= this.#requestsSent) throw new WireError("", "an answer to no request");
      return null;
    }
    const answer: Answer<Sends, RequestName<Sends>> = frame.kind === "reply"
      ? { ok: true, value: this.#sends.decodeReply(asked.name, frame.body) }
      : { ok: false, ...this.#sends.decodeRefusal(asked.name, frame.body) };
    this.#asked.delete(requestId);
    return { type: "answered", requestId, answer };
  }
}
