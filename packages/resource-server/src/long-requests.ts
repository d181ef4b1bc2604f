/**
 * Counts the requests over all connections that are longer than usual, from their beginning to their answer. Each
 * of them may take megabytes, so only a few may be under way at once.
 */
export class LongRequests {
  readonly #countMax: number;
  #count = 0;

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /**
   * Null: there are too many. Otherwise call the returned function when the request is answered, or when its client
   * is gone and nothing is being carried out for it. Calling it again does nothing.
   */
  begin(): (() => void) | null {
    if (this.#count >= this.#countMax) return null;
    this.#count += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#count -= 1;
    };
  }
}
