/** Remembers how to stop what was opened. The part that was opened last is stopped first. */
export class Stops {
  readonly #stops: (() => unknown)[] = [];

  /** If `open` fails, everything that it has added is stopped. */
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

  /** Returns the part, so that the caller can open and add it in one expression. */
  addPart<Part extends { stop(): Promise<unknown> }>(part: Part): Part {
    this.add(() => part.stop());
    return part;
  }

  readonly stop = async (): Promise<void> => {
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  };
}
