import type { Host } from "@sallyport/server-kit";

/** Counts the requests that are being carried out, so that a server can stop after the last of them. */
export class UnderWay {
  readonly #clock: Host["clock"];
  #count = 0;
  #waiting: (() => void)[] = [];

  constructor(clock: Host["clock"]) {
    this.#clock = clock;
  }

  /** Call the returned function when the answer is written. Calling it again does nothing. */
  begin(): () => void {
    this.#count += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#count -= 1;
      if (this.#count > 0) return;
      for (const done of this.#waiting.splice(0)) done();
    };
  }

  /** Resolves when nothing is under way, or after this many milliseconds. */
  ended(withinMs: number): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#clock.after(withinMs, resolve);
      this.#waiting.push(() => {
        cancel();
        resolve();
      });
    });
  }
}
