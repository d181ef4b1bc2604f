import type { Clock } from "@sallyport/clock";
import {
  type MessageCodec,
  type MessageName,
  type MessageOf,
  type MessageTable,
  type NoticeName,
  type NoticeOf,
  type RefusalOf,
  type ReplyOf,
  type RequestName,
  WireError,
} from "@sallyport/wire";
import type { ByteChannel } from "./channel.ts";
import { Outlet } from "./outlet.ts";
import { type Answer, type Heartbeat, Peer, type PeerEvent, type PeerLimits } from "./peer.ts";

/**
 * The shell around a `Peer`. It passes bytes and the time to the peer, handles the peer's events, and writes
 * the peer's output once per turn of the event loop. A closed link stays closed. When it closes, all requests
 * without an answer become `unanswered`.
 */

/**
 * The result of a request. `unanswered` means that the outcome is unknown: the request may have been carried
 * out.
 */
export type RequestResult<T extends MessageTable, N extends MessageName<T>> =
  | { readonly ok: true; readonly value: ReplyOf<T, N> }
  | {
      readonly ok: false;
      readonly refusal: RefusalOf<T, N> | "unanswered";
      readonly retryAfterMs?: number;
      readonly detail?: string;
    };

export type HandlerAnswer<T extends MessageTable, N extends MessageName<T>> =
  | { readonly ok: true; readonly value: ReplyOf<T, N> }
  | {
      readonly ok: false;
      readonly refusal: RefusalOf<T, N>;
      readonly retryAfterMs?: number;
      readonly detail?: string;
    };

/** One handler for each message. The compiler reports a missing handler. */
export type Handlers<T extends MessageTable> = {
  readonly [N in RequestName<T>]: (message: MessageOf<T, N>) => Promise<HandlerAnswer<T, N>>;
} & { readonly [N in NoticeName<T>]: (message: MessageOf<T, N>) => void };

export interface LinkOptions<Sends extends MessageTable, Receives extends MessageTable> {
  readonly channel: ByteChannel;
  readonly sends: MessageCodec<Sends>;
  readonly receives: MessageCodec<Receives>;
  readonly handlers: Handlers<Receives>;
  readonly clock: Clock;
  readonly limits: LinkLimits;
  readonly heartbeat: Heartbeat;
  readonly events: LinkEvents;
}

export interface LinkLimits extends PeerLimits {
  /** If more output than this is unread at the far end, the link is closed. */
  readonly outputBytesMax: number;
  /** The link reads nothing while this many received requests have no answer yet. */
  readonly requestsPauseAt: number;
  /** The far end can send this many bytes before `trust` is called. If absent, there is no limit. */
  readonly strangerBytesMax?: number;
}

export interface LinkEvents {
  /** Called once, when the link has closed. Nothing is sent or received after this call. */
  closed(reason: CloseReason): void;
  suspect?(): void;
  alive?(): void;
  /** Called for a received request that expired before it was handled. The request gets no answer. */
  dropped?(request: string): void;
  /** Called when a handler threw an error. This is a bug in this process. The link is then closed. */
  failed?(error: unknown): void;
}

export type CloseReason =
  | { readonly type: "closed-here"; readonly why: string }
  | { readonly type: "closed-there" }
  | { readonly type: "silent" }
  | { readonly type: "slow-reader" }
  | { readonly type: "nonsense"; readonly error: WireError }
  | { readonly type: "bug"; readonly error: unknown };

export const interServerLimits: LinkLimits = {
  receiveBytesMax: 2 << 20,
  sendBytesMax: 2 << 20,
  requestsHeldMax: 100_000,
  requestsPauseAt: 20_000,
  outputBytesMax: 64 << 20,
};
export const interServerHeartbeat: Heartbeat = { pingMs: 1_000, suspectMs: 3_000, downMs: 8_000 };

/** The process stood still if a tick is late by at least this many intervals. */
const standstillTicks = 4;

export class Link<Sends extends MessageTable, Receives extends MessageTable> {
  readonly remote: string;
  readonly #options: LinkOptions<Sends, Receives>;
  readonly #peer: Peer<Sends, Receives>;
  readonly #waiting = new Map<number, (answer: RequestResult<Sends, RequestName<Sends>>) => void>();
  readonly #outlet: Outlet;
  readonly #stopTicking: () => void;
  readonly #tickMs: number;
  /** All bytes that arrived before this time have been read, except bytes that a pause holds back. */
  #readMs: number;
  #tickedMs: number;
  #paused = false;
  #open = true;
  #suspect = false;
  /** The number of bytes that the far end can still send. Null if the far end is trusted. */
  #strangerBytesLeft: number | null;

  constructor(options: LinkOptions<Sends, Receives>) {
    const { channel, clock, heartbeat } = options;
    this.#options = options;
    this.#strangerBytesLeft = options.limits.strangerBytesMax ?? null;
    this.remote = channel.remote;
    const nowMs = clock.nowMs();
    this.#peer = new Peer(options.sends, options.receives, options, nowMs);
    this.#readMs = nowMs;
    this.#tickedMs = nowMs;
    this.#outlet = new Outlet(
      channel,
      () => this.#peer.takeOutput(),
      options.limits.outputBytesMax,
      () => this.#end({ type: "slow-reader" }),
    );
    this.#tickMs = Math.max(10, heartbeat.pingMs / 4);
    this.#stopTicking = clock.every(this.#tickMs, () => this.#tick());
    channel.listen({
      bytes: (chunk) => this.#receive(chunk),
      closed: () => this.#end({ type: "closed-there" }),
    });
  }

  get isOpen(): boolean {
    return this.#open;
  }

  get isSuspect(): boolean {
    return this.#suspect;
  }

  ask<N extends RequestName<Sends>>(
    message: MessageOf<Sends, N> & { readonly type: N },
    ttlMs: number,
  ): Promise<RequestResult<Sends, N>> {
    if (!this.#open) return Promise.resolve({ ok: false, refusal: "unanswered" });
    return new Promise((resolve) => {
      const requestId = this.#peer.request(message, this.#options.clock.nowMs(), ttlMs);
      this.#outlet.flushSoon();
      // The peer decodes a reply by the row of its request. So the reply has the type that belongs to the
      // request.
      this.#waiting.set(requestId, resolve as (answer: RequestResult<Sends, RequestName<Sends>>) => void);
    });
  }

  notify(message: NoticeOf<Sends>): void {
    if (!this.#open) return;
    this.#peer.notify(message, this.#options.clock.nowMs());
    this.#outlet.flushSoon();
  }

  /**
   * Closes the link. Messages that were sent before this call still arrive. No more messages are received.
   */
  close(why: string): void {
    this.#end({ type: "closed-here", why });
  }

  /** Call this method when the far end has proved who it is. */
  trust(): void {
    this.#strangerBytesLeft = null;
  }

  #receive(chunk: Uint8Array): void {
    if (!this.#open) return;
    try {
      if (this.#strangerBytesLeft !== null) {
        this.#strangerBytesLeft -= chunk.length;
        if (this.#strangerBytesLeft < 0)
          throw new WireError("", "more bytes than allowed before the handshake is done");
      }
      const nowMs = this.#options.clock.nowMs();
      this.#perform(this.#peer.receive(chunk, nowMs, this.#arrivedMs(nowMs)));
    } catch (error) {
      this.#fail(error);
    }
    this.#outlet.flushSoon();
  }

  /**
   * The earliest time at which the bytes that are read now can have arrived. It is in the past if this
   * process stood still or read nothing for a while.
   */
  #arrivedMs(nowMs: number): number {
    return nowMs - this.#readMs > standstillTicks * this.#tickMs ? this.#readMs : nowMs;
  }

  #tick(): void {
    if (!this.#open) return;
    const nowMs = this.#options.clock.nowMs();
    if (this.#paused) this.#peer.excuseSilence(nowMs);
    // After a freeze, timers can run before the waiting bytes are read. All waiting bytes are read before the
    // next tick, so the time of the last tick is early enough.
    else this.#readMs = this.#tickedMs;
    this.#tickedMs = nowMs;
    this.#perform(this.#peer.tick(nowMs));
    this.#outlet.flushSoon();
  }

  #perform(events: readonly PeerEvent<Sends, Receives>[]): void {
    for (const event of events) {
      if (!this.#open) return;
      switch (event.type) {
        case "request":
          void this.#handle(event);
          break;
        case "notice":
          this.#handlerOf<void>(event.message.type)(event.message);
          break;
        case "answered":
          this.#settle(event.requestId, event.answer);
          break;
        case "unanswered":
          this.#settle(event.requestId, null);
          break;
        case "suspect":
          this.#suspect = true;
          this.#options.events.suspect?.();
          break;
        case "alive":
          this.#suspect = false;
          this.#options.events.alive?.();
          break;
        case "down":
          this.#end({ type: "silent" });
          break;
      }
    }
  }

  async #handle(event: {
    requestId: number;
    message: MessageOf<Receives>;
    expiresMs: number;
  }): Promise<void> {
    if (this.#options.clock.nowMs() >= event.expiresMs) {
      this.#peer.drop(event.requestId);
      this.#options.events.dropped?.(event.message.type);
      return;
    }
    this.#pauseOrResume();
    try {
      const handle = this.#handlerOf<Promise<HandlerAnswer<Receives, RequestName<Receives>>>>(
        event.message.type,
      );
      const answer = await handle(event.message);
      if (!this.#open) return;
      const nowMs = this.#options.clock.nowMs();
      this.#peer.answer(
        event.requestId,
        answer.ok ? answer : { ...answer, retryAfterMs: answer.retryAfterMs ?? null },
        nowMs,
      );
      this.#pauseOrResume();
      this.#outlet.flushSoon();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** A handler can throw a `WireError` if the content of a field is invalid. */
  #fail(error: unknown): void {
    if (error instanceof WireError) return this.#end({ type: "nonsense", error });
    this.#options.events.failed?.(error);
    this.#end({ type: "bug", error });
  }

  /**
   * The table of handlers has a type for each message. A lookup by name loses this type, so a cast is needed.
   */
  #handlerOf<Result>(name: string): (message: unknown) => Result {
    return (this.#options.handlers as Record<string, (message: never) => unknown>)[name] as (
      message: unknown,
    ) => Result;
  }

  #settle(requestId: number, answer: Answer<Sends, RequestName<Sends>> | null): void {
    const resolve = this.#waiting.get(requestId);
    this.#waiting.delete(requestId);
    if (answer === null) return resolve?.({ ok: false, refusal: "unanswered" });
    if (answer.ok) return resolve?.(answer as RequestResult<Sends, RequestName<Sends>>);
    const { refusal, retryAfterMs, detail } = answer;
    resolve?.({
      ok: false,
      // The peer accepts only refusals that the request's row lists.
      refusal: refusal as RefusalOf<Sends, RequestName<Sends>>,
      ...(retryAfterMs === null ? {} : { retryAfterMs }),
      ...(detail === undefined ? {} : { detail }),
    });
  }

  #pauseOrResume(): void {
    const full = this.#peer.requestsHeld >= this.#options.limits.requestsPauseAt;
    if (full === this.#paused) return;
    this.#paused = full;
    if (full) this.#options.channel.pause();
    else this.#options.channel.resume();
  }

  #end(reason: CloseReason): void {
    if (!this.#open) return;
    if (reason.type === "closed-here") this.#outlet.flush();
    if (!this.#open) return;
    this.#open = false;
    this.#stopTicking();
    if (reason.type === "closed-here") this.#options.channel.close();
    else this.#options.channel.destroy();
    // The outcome of these requests is unknown, because their answers may be in bytes that were not read.
    for (const requestId of [...this.#waiting.keys()]) this.#settle(requestId, null);
    this.#options.events.closed(reason);
  }
}

/** Returns the reason in one line for the log. The line contains nothing that was received. */
export function describeClose(reason: CloseReason): string {
  switch (reason.type) {
    case "closed-here":
      return reason.why;
    case "closed-there":
      return "closed by the other end";
    case "silent":
      return "silent for too long";
    case "slow-reader":
      return "does not read the data sent to it";
    case "nonsense":
      return `sent nonsense: ${reason.error.message}`;
    case "bug":
      return "a bug here";
  }
}
