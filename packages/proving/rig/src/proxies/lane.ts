interface Waiting {
  readonly dueMs: number;
  readonly pass: () => void;
}

/**
 * One direction of one connection. Bytes come out in their order, later or, while the lane is held, not at
 * all.
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

  /** Drops everything that still waits. */
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
