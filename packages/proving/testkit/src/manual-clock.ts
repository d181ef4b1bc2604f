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

  /** Number of timers that have not run yet. Each keeps its callback in memory. */
  get timerCount(): number {
    return this.#timers.size;
  }

  every(periodMs: number, run: () => void): () => void {
    return this.#add({ dueMs: this.#nowMs + periodMs, periodMs, run });
  }

  after(delayMs: number, run: () => void): () => void {
    return this.#add({ dueMs: this.#nowMs + delayMs, periodMs: null, run });
  }

  /** Runs the timers that fall due, in order, and lets the work that each started settle before the next. */
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

  /** Acts like a paused process: each timer that fell due during the pause runs once, afterwards. */
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
