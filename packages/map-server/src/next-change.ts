/** Lets any number of callers wait until something changes the next time. */
export class NextChange<K> {
  readonly #waits = new Map<K, { readonly change: Promise<void>; readonly came: () => void }>();

  next(of: K): Promise<void> {
    const waiting = this.#waits.get(of);
    if (waiting !== undefined) return waiting.change;
    let came = (): void => {};
    const change = new Promise<void>((resolve) => {
      came = resolve;
    });
    this.#waits.set(of, { change, came });
    return change;
  }

  came(of: K): void {
    this.#waits.get(of)?.came();
    this.#waits.delete(of);
  }
}
