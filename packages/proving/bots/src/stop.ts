import type { Clock } from "@sallyport/sdk";

/** Tells all bots together to end, and cuts their waits short. */
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

  /** Asks when the signal is aborted. Returns a function that forgets the signal. */
  askOn(signal: AbortSignal | undefined): () => void {
    const ask = (): void => this.ask();
    if (signal?.aborted) ask();
    signal?.addEventListener("abort", ask, { once: true });
    return () => signal?.removeEventListener("abort", ask);
  }

  /** Returns a function that takes the callback back. */
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
