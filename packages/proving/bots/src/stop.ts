import type { Clock } from "@sallyport/sdk";

/** Asks all players of a run to end, and ends their waits early. */
export class Stop {
  readonly #clock: Clock;
  readonly #wakers = new Set<() => void>();
  #isAsked = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isAsked(): boolean {
    return this.#isAsked;
  }

  ask(): void {
    this.#isAsked = true;
    for (const wake of [...this.#wakers]) wake();
  }

  /** Calls `ask` when the signal is aborted. The returned function removes the listener. */
  askOn(signal: AbortSignal | undefined): () => void {
    const ask = (): void => this.ask();
    if (signal?.aborted) ask();
    signal?.addEventListener("abort", ask, { once: true });
    return () => signal?.removeEventListener("abort", ask);
  }

  /** Calls `run` when `ask` is called. The returned function removes this callback. */
  onAsked(run: () => void): () => void {
    this.#wakers.add(run);
    return () => this.#wakers.delete(run);
  }

  wait(ms: number): Promise<void> {
    if (this.#isAsked) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        forget();
        resolve();
      };
      const cancel = this.#clock.after(ms, done);
      const forget = this.onAsked(done);
    });
  }
}
