import type { Clock } from "@sallyport/clock";
import { Allowance, type ByteChannel, type Outlet } from "@sallyport/link";
import type { ClientBounds } from "./client-bounds.ts";

export interface ReadingPaceOptions {
  readonly channel: ByteChannel;
  readonly outlet: Pick<Outlet, "takenBytes">;
  readonly clock: Clock;
  readonly bounds: Pick<ClientBounds, "commandsPerSecond" | "aheadMs" | "unreadMs">;
  /** Called when the client has read none of its waiting bytes for `unreadMs`. */
  readonly stuck: () => void;
  /** Called when the client has sent too fast for `aheadMs`. */
  readonly tooFast: () => void;
}

/**
 * A client that was silent can send several commands at once: as many as it is allowed to send in this many
 * seconds.
 */
const burstSeconds = 4;
/** This many bytes count as one more command, so that long commands are limited too. */
const bytesPerCommand = 128;
/** The server reads nothing from a client while more bytes than this wait for the client. */
const unreadBytesMax = 64 << 10;
const lookAgainMs = 100;
/** Bytes that arrive within this time after a pause count as bytes that waited during the pause. */
const waitedMs = 1_000;

/**
 * Limits how fast the server reads from one client, and how fast it handles what it has read. One chunk of bytes can
 * hold tens of thousands of commands. They are handled at the allowed rate too, so that other clients get their turn.
 *
 * If the client sends too fast or does not read its
 * answers, its bytes wait in its own buffers and cost this server no memory. The server notices a closed
 * connection only after it has read all earlier bytes. So a client that is gone can still count as connected,
 * but for at most `aheadMs`.
 */
export class ReadingPace {
  readonly #options: ReadingPaceOptions;
  readonly #allowance: Allowance;
  readonly #handled: Allowance;
  #endTurn: () => void = () => {};
  #stopWaiting: (() => void) | null = null;
  #isOver = false;
  /** The value of `outlet.takenBytes` at `#takenAtMs`. */
  #takenBytes = 0;
  /** The last time at which the client had taken more bytes, or had no bytes to take. */
  #takenAtMs: number;
  /** The time when the client began to send too fast. Null if it is not too fast now. */
  #aheadSinceMs: number | null = null;
  #resumedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: ReadingPaceOptions) {
    const { bounds, clock } = options;
    this.#options = options;
    const { commandsPerSecond } = bounds;
    this.#takenAtMs = clock.nowMs();
    const allowance = () =>
      new Allowance(commandsPerSecond, commandsPerSecond * burstSeconds, this.#takenAtMs);
    this.#allowance = allowance();
    this.#handled = allowance();
  }

  /** Resolves when the next command of the client may be handled, or after `stop`. Null: it may be handled at once. */
  turn(): Promise<void> | null {
    const { clock } = this.#options;
    const owedMs = this.#handled.spend(1, clock.nowMs());
    if (owedMs === 0) return null;
    return new Promise((resolve) => {
      const cancel = clock.after(Math.ceil(owedMs), resolve);
      this.#endTurn = () => {
        cancel();
        resolve();
      };
    });
  }

  received(bytes: number, commands: number): void {
    const nowMs = this.#options.clock.nowMs();
    const owedMs = this.#allowance.spend(commands + bytes / bytesPerCommand, nowMs);
    if (owedMs === 0 || nowMs - this.#resumedAtMs > waitedMs) this.#aheadSinceMs = null;
    if (owedMs > 0) this.#aheadSinceMs ??= nowMs;
    this.#waitFor(owedMs);
  }

  /** Call this method periodically. */
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
    this.#endTurn();
    this.#stopWaiting?.();
    this.#stopWaiting = null;
  }

  #waitFor(owedMs: number): void {
    const { channel, clock } = this.#options;
    const isUnread = channel.bufferedBytes() > unreadBytesMax;
    // Reading pauses because the client does not read its output. The client does not send too fast.
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
