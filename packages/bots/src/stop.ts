import type { Clock } from "@sallyport/sdk";

/** One word to all bots that it is time to go home, and waits that end early on it. */
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

  /** Returns what forgets it again. */
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
