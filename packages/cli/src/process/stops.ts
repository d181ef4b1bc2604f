/** Remembers how to stop everything that was opened. The part that was opened last is stopped first. */
export class Stops {
  readonly #stops: (() => unknown)[] = [];

  /** Runs `open`. If it fails, stops everything that it has added. */
  static async opening<T>(open: (stops: Stops) => Promise<T>): Promise<T> {
    const stops = new Stops();
    try {
      return await open(stops);
    } catch (error) {
      await stops.stop();
      throw error;
    }
  }

  add(stop: () => unknown): void {
    this.#stops.push(stop);
  }

  /** Returns the part. So the caller can open it and add it in one expression. */
  addPart<Part extends { stop(): Promise<unknown> }>(part: Part): Part {
    this.add(() => part.stop());
    return part;
  }

  readonly stop = async (): Promise<void> => {
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  };
}
