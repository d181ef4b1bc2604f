/**
 * Limits a cost per second. Allowance that is not used is saved, up to `most`. The caller passes the time.
 */
export class Allowance {
  readonly #perMs: number;
  readonly #most: number;
  #left: number;
  #atMs: number;

  constructor(perSecond: number, most: number, nowMs: number) {
    this.#perMs = perSecond / 1_000;
    this.#most = most;
    this.#left = most;
    this.#atMs = nowMs;
  }

  /** Spends the cost, even if the result is a debt. Returns the milliseconds until the debt is paid. */
  spend(cost: number, nowMs: number): number {
    this.#left = Math.min(this.#most, this.#left + (nowMs - this.#atMs) * this.#perMs) - cost;
    this.#atMs = nowMs;
    return Math.max(0, -this.#left / this.#perMs);
  }
}
