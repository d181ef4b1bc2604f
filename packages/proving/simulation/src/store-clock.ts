import type { EventLoop } from "./event-loop.ts";

/**
 * The most by which one second of an undisturbed clock differs from another's. Servers shorten their timers
 * by 2 % for this.
 */
export const driftMax = 0.005;

/** The clock of a lock store. It began some time ago, runs a little fast or slow, and may be set. */
export class StoreClock {
  readonly #loop: EventLoop;
  readonly #rate: number;
  #aheadMs: number;
  /** The latest time before the clock was set back. */
  #latestMs = Number.NEGATIVE_INFINITY;

  constructor(loop: EventLoop, { aheadMs, drift }: { readonly aheadMs: number; readonly drift: number }) {
    this.#loop = loop;
    this.#rate = 1 + drift;
    this.#aheadMs = aheadMs;
  }

  /** The time in whole milliseconds. */
  get nowMs(): number {
    return Math.floor(this.#loop.nowMs * this.#rate) + this.#aheadMs;
  }

  get latestMs(): number {
    return Math.max(this.#latestMs, this.nowMs);
  }

  /** Moves the clock; backwards if `byMs` is negative. */
  jump(byMs: number): void {
    this.#latestMs = this.latestMs;
    this.#aheadMs += byMs;
  }
}
