/** A stranger has not yet shown a valid token on its connection. */
export type Requester = "known" | "stranger";

/**
 * Counts the requests over all connections that are longer than usual, from their beginning to their answer. Over
 * HTTP it also counts those with a long answer, until that is written. Each of them may take megabytes, so only a
 * few may be under way at once. Strangers get at most half of the places, so those that fall silent in the middle
 * of a request leave room for others.
 */
export class LongRequests {
  readonly #countMax: number;
  readonly #strangersMax: number;
  readonly #counts = { known: 0, stranger: 0 };

  constructor(countMax: number) {
    this.#countMax = countMax;
    this.#strangersMax = Math.max(1, Math.floor(countMax / 2));
  }

  /**
   * Null: there are too many. Otherwise call the returned function when the request is answered, or when its client
   * is gone and nothing is being carried out for it. Calling it again does nothing.
   */
  begin(requester: Requester): (() => void) | null {
    const { known, stranger } = this.#counts;
    if (known + stranger >= this.#countMax) return null;
    if (requester === "stranger" && stranger >= this.#strangersMax) return null;
    this.#counts[requester] += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#counts[requester] -= 1;
    };
  }
}
