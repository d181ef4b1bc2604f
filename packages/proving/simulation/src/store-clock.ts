import type { EventLoop } from "./event-loop.ts";

/** Of clocks that nobody sets: by so much one second of theirs differs from another's at most. Servers leave 2 % of their timers for it. */
export const driftMax = 0.005;

/** What the clock of a lock store shows: it began some time ago, runs a little too fast or too slowly, and may be set. */
export class StoreClock {
  readonly #loop: EventLoop;
  readonly #rate: number;
  #aheadMs: number;
  /** Before it was set back. */
  #latestMs = Number.NEGATIVE_INFINITY;

  constructor(loop: EventLoop, { aheadMs, drift }: { readonly aheadMs: number; readonly drift: number }) {
    this.#loop = loop;
    this.#rate = 1 + drift;
    this.#aheadMs = aheadMs;
  }

  /** In whole milliseconds. */
  get nowMs(): number {
    return Math.floor(this.#loop.nowMs * this.#rate) + this.#aheadMs;
  }

  get latestMs(): number {
    return Math.max(this.#latestMs, this.nowMs);
  }

  /** Back, where it is less than 0. */
  jump(byMs: number): void {
    this.#latestMs = this.latestMs;
    this.#aheadMs += byMs;
  }
}
