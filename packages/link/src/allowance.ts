/** So much a second, and what was not used for a while at once. Pure: time is told to it. */
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

  /** What is spent is spent, also where it is more than there was. Gives the milliseconds until that is made up for. */
  spend(cost: number, nowMs: number): number {
    this.#left = Math.min(this.#most, this.#left + (nowMs - this.#atMs) * this.#perMs) - cost;
    this.#atMs = nowMs;
    return Math.max(0, -this.#left / this.#perMs);
  }
}
