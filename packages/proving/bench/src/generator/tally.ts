import type { Count } from "./orders.ts";
import { ActFailed } from "./visit.ts";

export class Tally {
  #durationsMs: number[] = [];
  #failures: Record<string, number> = {};
  #bytes = 0;

  readonly received = (bytes: number): void => {
    this.#bytes += bytes;
  };

  /** Measures the duration of one act. Resolves to false if the act failed. */
  async time(act: () => Promise<unknown>): Promise<boolean> {
    const startedMs = performance.now();
    const isWell = await this.check(act);
    if (isWell) this.#durationsMs.push(performance.now() - startedMs);
    return isWell;
  }

  /** Counts `count` acts. All of them together took `durationMs`. */
  add(count: number, durationMs: number): void {
    for (let nth = 0; nth < count; nth += 1) this.#durationsMs.push(durationMs / count);
  }

  /** Runs the act, and counts it only if it fails. */
  async check(act: () => Promise<unknown>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      if (!(error instanceof ActFailed)) throw error;
      this.#failures[error.message] = (this.#failures[error.message] ?? 0) + 1;
      return false;
    }
  }

  /** Returns the counts since the previous call. */
  take(): Count {
    const count = { durationsMs: this.#durationsMs, failures: this.#failures, bytes: this.#bytes };
    this.#durationsMs = [];
    this.#failures = {};
    this.#bytes = 0;
    return count;
  }
}
