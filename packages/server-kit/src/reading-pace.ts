import { Allowance, type ByteChannel, type Clock, type Outlet } from "@sallyport/link";
import type { ClientBounds } from "./client-bounds.ts";

export interface ReadingPaceOptions {
  readonly channel: ByteChannel;
  readonly outlet: Pick<Outlet, "takenBytes">;
  readonly clock: Clock;
  readonly bounds: Pick<ClientBounds, "commandsPerSecond" | "unreadMs">;
  /** It takes nothing of what it is sent. */
  readonly stuck: () => void;
}

/** So many seconds' worth of commands may come at once, after a pause. */
const burstSeconds = 4;
/** For what is no command, or a very long one: so many bytes count as one. */
const bytesPerCommand = 128;
/** While more than this waits to be read, nothing more is read here: whoever asks has to listen too. */
const unreadBytesMax = 64 << 10;
const lookAgainMs = 100;

/**
 * How fast one client is read. What it sends too fast, or while it does not read its answers, stays in its own
 * buffers and costs nothing here.
 */
export class ReadingPace {
  readonly #options: ReadingPaceOptions;
  readonly #allowance: Allowance;
  #stopWaiting: (() => void) | null = null;
  #isOver = false;
  /** As it was when it last changed, or when nothing waited. */
  #takenBytes = 0;
  #takenAtMs: number;

  constructor(options: ReadingPaceOptions) {
    const { bounds, clock } = options;
    this.#options = options;
    const { commandsPerSecond } = bounds;
    this.#takenAtMs = clock.nowMs();
    this.#allowance = new Allowance(commandsPerSecond, commandsPerSecond * burstSeconds, this.#takenAtMs);
  }

  received(bytes: number, commands: number): void {
    const nowMs = this.#options.clock.nowMs();
    this.#waitFor(this.#allowance.spend(commands + bytes / bytesPerCommand, nowMs));
  }

  /** Call it now and then. */
  tick(): void {
    const { channel, outlet, clock, bounds, stuck } = this.#options;
    const { takenBytes } = outlet;
    const nowMs = clock.nowMs();
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
    const waitMs = isUnread ? Math.max(owedMs, lookAgainMs) : owedMs;
    if (this.#isOver || (waitMs === 0 && this.#stopWaiting === null)) return;
    this.#stopWaiting?.();
    this.#stopWaiting = null;
    if (waitMs === 0) return channel.resume();
    channel.pause();
    this.#stopWaiting = clock.after(Math.ceil(waitMs), () => this.#waitFor(0));
  }
}
