declare function queueMicrotask(run: () => void): void;

/**
 * Passes events to its listeners. Until the first listener is added, keeps the newest `keptMax` events. So no
 * event between an answer and the call of `on` is lost.
 */
export class EventStream<Event> {
  readonly #keptMax: number;
  readonly #listeners = new Set<(event: Event) => void>();
  #kept: Event[] | null = [];

  constructor(keptMax = 1_000) {
    this.#keptMax = keptMax;
  }

  /** Adds a listener. Returns a function that removes it. */
  on(listener: (event: Event) => void): () => void {
    // A wrapper, so that the same function may listen twice.
    const own = (event: Event): void => listener(event);
    this.#listeners.add(own);
    const kept = this.#kept ?? [];
    this.#kept = null;
    for (const event of kept) this.emit(event);
    return () => this.#listeners.delete(own);
  }

  emit(event: Event): void {
    if (this.#kept !== null) {
      this.#kept.push(event);
      if (this.#kept.length > this.#keptMax) this.#kept.shift();
      return;
    }
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        // An error of the listener becomes an uncaught error, and does not end the connection.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
