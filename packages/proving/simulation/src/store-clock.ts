import type { EventLoop } from "./event-loop.ts";

/**
 * The largest share by which two undisturbed clocks differ. Servers shorten their timers by 2 % for this
 * reason.
 */
export const driftMax = 0.005;

/** The clock of a lock store. It runs a little fast or slow, and planned failures can set it. */
export class StoreClock {
  readonly #loop: EventLoop;
  readonly #rate: number;
  #aheadMs: number;
  /** The latest time that the clock showed before a planned failure moved it. */
  #latestMs = Number.NEGATIVE_INFINITY;

  constructor(loop: EventLoop, { aheadMs, drift }: { readonly aheadMs: number; readonly drift: number }) {
    this.#loop = loop;
    this.#rate = 1 + drift;
    this.#aheadMs = aheadMs;
  }

  get nowMs(): number {
    return Math.floor(this.#loop.nowMs * this.#rate) + this.#aheadMs;
  }

  get latestMs(): number {
    return Math.max(this.#latestMs, this.nowMs);
  }

  /** Moves the clock forwards, or backwards if `byMs` is negative. */
  jump(byMs: number): void {
    this.#latestMs = this.latestMs;
    this.#aheadMs += byMs;
  }
}
