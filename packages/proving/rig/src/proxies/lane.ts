interface Waiting {
  readonly dueMs: number;
  readonly pass: () => void;
}

/**
 * One direction of one connection. The lane passes bytes on in their order, after a delay. A held lane passes
 * nothing on.
 */
export class Lane {
  delayMs = 0;
  #waiting: Waiting[] = [];
  #isHeld = false;
  #lastDueMs = 0;
  #timer: NodeJS.Timeout | undefined;

  enter(pass: () => void): void {
    const dueMs = Math.max(this.#lastDueMs, performance.now() + this.delayMs);
    this.#lastDueMs = dueMs;
    this.#waiting.push({ dueMs, pass });
    this.#pump();
  }

  hold(): void {
    this.#isHeld = true;
  }

  letGo(): void {
    this.#isHeld = false;
    this.#pump();
  }

  /** Drops all bytes that wait in this lane. */
  end(): void {
    this.#waiting = [];
    clearTimeout(this.#timer);
  }

  #pump(): void {
    clearTimeout(this.#timer);
    while (!this.#isHeld) {
      const first = this.#waiting[0];
      if (first === undefined) return;
      const leftMs = first.dueMs - performance.now();
      if (leftMs > 0) {
        this.#timer = setTimeout(() => this.#pump(), leftMs);
        return;
      }
      this.#waiting.shift();
      first.pass();
    }
  }
}
