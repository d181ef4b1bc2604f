interface Timer {
  dueMs: number;
  readonly periodMs: number | null;
  readonly run: () => void;
}

/** A clock for servers under test. Time passes only in `advance` and `standStill`. */
export class ManualClock {
  #nowMs = 0;
  readonly #timers = new Set<Timer>();

  nowMs(): number {
    return this.#nowMs;
  }

  /** Number of timers that have not run yet. Each timer keeps its callback in memory. */
  get timerCount(): number {
    return this.#timers.size;
  }

  every(periodMs: number, run: () => void): () => void {
    return this.#add({ dueMs: this.#nowMs + periodMs, periodMs, run });
  }

  after(delayMs: number, run: () => void): () => void {
    return this.#add({ dueMs: this.#nowMs + delayMs, periodMs: null, run });
  }

  /**
   * Moves the time forward and runs the timers that become due, in order. After each timer, waits until the
   * work that it started has settled.
   */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      await settled();
      const next = [...this.#timers].sort((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined || next.dueMs > endMs) break;
      this.#nowMs = next.dueMs;
      if (next.periodMs === null) this.#timers.delete(next);
      else next.dueMs += next.periodMs;
      next.run();
    }
    this.#nowMs = endMs;
    await settled();
  }

  /**
   * Acts like a process that was paused. Each timer that became due during the pause runs once, after the
   * pause.
   */
  standStill(ms: number): void {
    this.#nowMs += ms;
    const due = [...this.#timers].filter((timer) => timer.dueMs <= this.#nowMs);
    for (const timer of due.sort((a, b) => a.dueMs - b.dueMs)) {
      if (timer.periodMs === null) this.#timers.delete(timer);
      else timer.dueMs = this.#nowMs + timer.periodMs;
      timer.run();
    }
  }

  #add(timer: Timer): () => void {
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }
}

/** Resolves when all promises that can continue have continued. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
