import type { Clock } from "@sallyport/clock";
import { Allowance, type ByteChannel, type Outlet } from "@sallyport/link";
import type { ClientBounds } from "./client-bounds.ts";

export interface ReadingPaceOptions {
  readonly channel: ByteChannel;
  readonly outlet: Pick<Outlet, "takenBytes">;
  readonly clock: Clock;
  readonly bounds: Pick<ClientBounds, "commandsPerSecond" | "aheadMs" | "unreadMs">;
  /** The client reads nothing of what it is sent. */
  readonly stuck: () => void;
  /** The client sent faster than it may for as long as allowed. */
  readonly tooFast: () => void;
}

/** After a pause, commands for this many seconds may come at once. */
const burstSeconds = 4;
/** This many bytes count as one command. It covers bytes without a command, and very long commands. */
const bytesPerCommand = 128;
/** While more than this waits for the client to read, the server reads nothing more from it. */
const unreadBytesMax = 64 << 10;
const lookAgainMs = 100;
/** Bytes that arrive within this time after reading resumes had been waiting to be read. */
const waitedMs = 1_000;

/**
 * Limits how fast one client is read. What it sends too fast, or while it does not read its answers, stays in
 * its own buffers and costs nothing here. The end of the connection is read only after all bytes before it.
 * So the time for which a client may send too fast is bounded: a client that is gone can keep its place for
 * that long.
 */
export class ReadingPace {
  readonly #options: ReadingPaceOptions;
  readonly #allowance: Allowance;
  #stopWaiting: (() => void) | null = null;
  #isOver = false;
  /** The value when it last changed, or when nothing waited. */
  #takenBytes = 0;
  #takenAtMs: number;
  /** Since when the client has been sending faster than it may; null: it is not. */
  #aheadSinceMs: number | null = null;
  #resumedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: ReadingPaceOptions) {
    const { bounds, clock } = options;
    this.#options = options;
    const { commandsPerSecond } = bounds;
    this.#takenAtMs = clock.nowMs();
    this.#allowance = new Allowance(commandsPerSecond, commandsPerSecond * burstSeconds, this.#takenAtMs);
  }

  received(bytes: number, commands: number): void {
    const nowMs = this.#options.clock.nowMs();
    const owedMs = this.#allowance.spend(commands + bytes / bytesPerCommand, nowMs);
    if (owedMs === 0 || nowMs - this.#resumedAtMs > waitedMs) this.#aheadSinceMs = null;
    if (owedMs > 0) this.#aheadSinceMs ??= nowMs;
    this.#waitFor(owedMs);
  }

  /** Call this periodically. */
  tick(): void {
    const { channel, outlet, clock, bounds, stuck, tooFast } = this.#options;
    const { takenBytes } = outlet;
    const nowMs = clock.nowMs();
    const aheadMs = nowMs - (this.#aheadSinceMs ?? nowMs);
    if (this.#stopWaiting !== null && aheadMs >= bounds.aheadMs) return tooFast();
    if (channel.bufferedBytes() === 0 || takenBytes !== this.#takenBytes) {
      this.#takenBytes = takenBytes;
      this.#takenAtMs = nowMs;
    } else if (nowMs - this.#takenAtMs >= bounds.unreadMs) stuck();
  }

  stop(): void {
    this.#isOver = true;
    this.#stopWaiting?.();
    this.#stopWaiting = null;
  }

  #waitFor(owedMs: number): void {
    const { channel, clock } = this.#options;
    const isUnread = channel.bufferedBytes() > unreadBytesMax;
    // The client is slow, not fast.
    if (isUnread && owedMs === 0) this.#aheadSinceMs = null;
    const waitMs = isUnread ? Math.max(owedMs, lookAgainMs) : owedMs;
    if (this.#isOver || (waitMs === 0 && this.#stopWaiting === null)) return;
    this.#stopWaiting?.();
    this.#stopWaiting = null;
    if (waitMs === 0) {
      this.#resumedAtMs = clock.nowMs();
      return channel.resume();
    }
    channel.pause();
    this.#stopWaiting = clock.after(Math.ceil(waitMs), () => this.#waitFor(0));
  }
}
