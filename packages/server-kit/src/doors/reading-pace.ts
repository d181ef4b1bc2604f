import type { Clock } from "@sallyport/clock";
import { Allowance, type ByteChannel, type Outlet } from "@sallyport/link";
import type { ClientBounds } from "./client-bounds.ts";

export interface ReadingPaceOptions {
  readonly channel: ByteChannel;
  readonly outlet: Pick<Outlet, "takenBytes">;
  readonly clock: Clock;
  readonly bounds: Pick<ClientBounds, "commandsPerSecond" | "aheadMs" | "unreadMs">;
  /** Called when the client has read none of the waiting bytes for `unreadMs`. */
  readonly stuck: () => void;
  /** Called when the client has sent too fast for `aheadMs`. */
  readonly tooFast: () => void;
}

/**
 * After a silence, a client may send at once as many commands as it may usually send in this many seconds.
 */
const burstSeconds = 4;
/** Number of bytes that count as one more command, so that a few long commands are limited too. */
const bytesPerCommand = 128;
/** While more bytes than this wait for the client, the server reads nothing from the client. */
const unreadBytesMax = 64 << 10;
const lookAgainMs = 100;
/**
 * When reading resumes, the bytes that arrive within this time count as bytes that waited during the pause.
 */
const waitedMs = 1_000;

/**
 * Limits how fast the server reads from one client. If the client sends too fast, or does not read its
 * answers, the bytes wait in the client's buffers and cost this server no memory. The server notices that a
 * connection is closed only after it has read all earlier bytes. Until then, a client that is gone is still
 * counted as connected, but for at most `aheadMs`.
 */
export class ReadingPace {
  readonly #options: ReadingPaceOptions;
  readonly #allowance: Allowance;
  #stopWaiting: (() => void) | null = null;
  #isOver = false;
  /** The outlet's `takenBytes` at `#takenAtMs`. */
  #takenBytes = 0;
  /** The last time at which `#takenBytes` had changed, or no bytes waited for the client. */
  #takenAtMs: number;
  /** The time when the client began to send too fast. Null if it does not send too fast. */
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
    // Reading pauses because the client does not read, not because it sends too fast.
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
