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

/** A client that sent nothing for a while may send the commands of this many seconds at once. */
const burstSeconds = 4;
/** Number of bytes that count as one more command, so that a few long commands are limited too. */
const bytesPerCommand = 128;
/** While more bytes than this wait for the client, the server reads nothing from the client. */
const unreadBytesMax = 64 << 10;
const lookAgainMs = 100;
/** If bytes arrive within this time after reading resumes, they had been waiting during the pause. */
const waitedMs = 1_000;

/**
 * Limits how fast the server reads from one client. If the client sends too fast, or does not read its
 * answers, its bytes wait in its own buffers and cost this server no memory. The server sees the end of a
 * connection only after it has read all bytes before the end. So a client that is gone may still count as
 * connected. `aheadMs` bounds this time.
 */
export class ReadingPace {
  readonly #options: ReadingPaceOptions;
  readonly #allowance: Allowance;
  #stopWaiting: (() => void) | null = null;
  #isOver = false;
  /** The outlet's `takenBytes` when it last changed, or when no bytes waited. */
  #takenBytes = 0;
  #takenAtMs: number;
  /** The time since when the client has been sending too fast. Null: it is not too fast. */
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
