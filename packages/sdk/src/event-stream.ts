declare function queueMicrotask(run: () => void): void;

/**
 * Passes events to its listeners. It keeps events that come before the first listener, oldest first, so that
 * none is lost between an answer and the line that subscribes.
 */
export class EventStream<Event> {
  readonly #keptMax: number;
  readonly #listeners = new Set<(event: Event) => void>();
  #kept: Event[] | null = [];

  constructor(keptMax = 1_000) {
    this.#keptMax = keptMax;
  }

  /** Returns a function that stops listening. */
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
        // The listener has a bug: report it as an uncaught error, and keep the connection.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
