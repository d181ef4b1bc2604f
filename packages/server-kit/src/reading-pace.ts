import { Allowance, type ByteChannel, type Clock, type Outlet } from "@sallyport/link";
import type { ClientBounds } from "./client-bounds.ts";

export interface ReadingPaceOptions {
  readonly channel: ByteChannel;
  readonly outlet: Pick<Outlet, "takenBytes">;
  readonly clock: Clock;
  readonly bounds: Pick<ClientBounds, "commandsPerSecond" | "aheadMs" | "unreadMs">;
  /** It takes nothing of what it is sent. */
  readonly stuck: () => void;
  /** It was ahead of its pace for as long as it may be. */
  readonly tooFast: () => void;
}

/** So many seconds' worth of commands may come at once, after a pause. */
const burstSeconds = 4;
/** For what is no command, or a very long one: so many bytes count as one. */
const bytesPerCommand = 128;
/** While more than this waits to be read, nothing more is read here: whoever asks has to listen too. */
const unreadBytesMax = 64 << 10;
const lookAgainMs = 100;
/** What comes sooner than this after reading went on was waiting to be read. */
const waitedMs = 1_000;

/**
 * How fast one client is read. What it sends too fast, or while it does not read its answers, stays in its own
 * buffers and costs nothing here. That it hung up shows only behind all that it sent before, so the time for which it may
 * be ahead is bounded: it is also how long one that is gone can keep its place.
 */
export class ReadingPace {
  readonly #options: ReadingPaceOptions;
  readonly #allowance: Allowance;
  #stopWaiting: (() => void) | null = null;
  #isOver = false;
  /** As it was when it last changed, or when nothing waited. */
  #takenBytes = 0;
  #takenAtMs: number;
  /** Since when it sends faster than it may; null: it does not. */
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

  /** Call it now and then. */
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
    // It is slow, and not fast.
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
