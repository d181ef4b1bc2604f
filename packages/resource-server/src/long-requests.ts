/**
 * Counts the requests over all connections that are longer than usual and have not arrived completely. Each of
 * them may take megabytes, so only a few may be under way at once.
 */
export class LongRequests {
  readonly #countMax: number;
  #count = 0;

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /** False: there are too many. Otherwise call `end` once, when the request has arrived or its client is gone. */
  begin(): boolean {
    if (this.#count >= this.#countMax) return false;
    this.#count += 1;
    return true;
  }

  end(): void {
    this.#count -= 1;
  }
}
