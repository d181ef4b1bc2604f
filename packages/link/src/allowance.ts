/** Allows a rate per second, and saved-up allowance at once. Pure: the caller passes the time. */
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

  /** Spends the cost even if less is left. Returns the milliseconds until the debt is made up. */
  spend(cost: number, nowMs: number): number {
    this.#left = Math.min(this.#most, this.#left + (nowMs - this.#atMs) * this.#perMs) - cost;
    this.#atMs = nowMs;
    return Math.max(0, -this.#left / this.#perMs);
  }
}
