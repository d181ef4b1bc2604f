interface Timer {
  dueMs: number;
  readonly periodMs: number | null;
  readonly run: () => void;
}

/** The clock of a server, whose time passes only when told to. */
export class ManualClock {
  #nowMs = 0;
  readonly #timers = new Set<Timer>();

  nowMs(): number {
    return this.#nowMs;
  }

  /** Timers that are to run yet, and hold what they are for. */
  get timerCount(): number {
    return this.#timers.size;
  }

  every(periodMs: number, run: () => void): () => void {
    return this.#add({ dueMs: this.#nowMs + periodMs, periodMs, run });
  }

  after(delayMs: number, run: () => void): () => void {
    return this.#add({ dueMs: this.#nowMs + delayMs, periodMs: null, run });
  }

  /** Runs what falls due, in order, and lets what it started settle in between. */
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

  /** As in a process that stands still: each timer that fell due meanwhile runs once, when the process goes on. */
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

/** Once every promise that could go on has gone on. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
