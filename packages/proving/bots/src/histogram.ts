import { createHistogram } from "node:perf_hooks";

/** Longer durations count as one hour. */
const longestUs = 3_600_000_000;

/** Counts durations from a microsecond to an hour in fixed memory. Its quantiles are exact to 0.1 %. */
export class Histogram {
  readonly #us = createHistogram({ lowest: 1, highest: longestUs, figures: 3 });

  get count(): number {
    return this.#us.count;
  }

  get maxMs(): number {
    return this.#us.count === 0 ? 0 : this.#us.max / 1_000;
  }

  add(ms: number): void {
    this.#us.record(Math.min(longestUs, Math.max(1, Math.round(ms * 1_000))));
  }

  /**
   * Returns the duration that this share of all durations does not exceed, or 0 if there are no durations.
   * `share` is between 0 and 1.
   */
  quantileMs(share: number): number {
    if (this.#us.count === 0) return 0;
    // Node rejects a percentile of 0.
    return Math.min(this.#us.percentile(Math.max(share * 100, Number.MIN_VALUE)) / 1_000, this.maxMs);
  }
}
