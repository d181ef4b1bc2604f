interface Event {
  readonly atMs: number;
  readonly order: number;
  run: (() => void) | null;
}

/**
 * A loop with virtual time. It runs one event at a time, and then waits until all promise jobs of the event
 * have run. Events of the same moment run in the order in which they were scheduled.
 */
export class EventLoop {
  #nowMs = 0;
  #asked = 0;
  readonly #heap: Event[] = [];

  get nowMs(): number {
    return this.#nowMs;
  }

  /** The number of events scheduled so far. */
  get count(): number {
    return this.#asked;
  }

  /** Schedules `run`. Returns a function that cancels it. */
  after(delayMs: number, run: () => void): () => void {
    this.#asked += 1;
    const event: Event = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#asked, run };
    this.#push(event);
    return () => {
      event.run = null;
    };
  }

  /** Runs until `isOver` returns true, until no event remains, or until the given virtual time. */
  async run(untilMs: number, isOver: () => boolean): Promise<void> {
    await settled();
    while (!isOver()) {
      const next = this.#heap[0];
      if (next === undefined || next.atMs > untilMs) {
        this.#nowMs = untilMs;
        return;
      }
      this.#pop();
      if (next.run === null) continue;
      this.#nowMs = next.atMs;
      next.run();
      await settled();
    }
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let hole = heap.length;
    while (hole > 0) {
      const above = (hole - 1) >> 1;
      const parent = heap[above] as Event;
      if (!isEarlier(event, parent)) break;
      heap[hole] = parent;
      hole = above;
    }
    heap[hole] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Event;
    if (heap.length === 0) return;
    let hole = 0;
    for (;;) {
      const left = 2 * hole + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const isRight = right < heap.length && isEarlier(heap[right] as Event, heap[left] as Event);
      const earlier = isRight ? right : left;
      if (!isEarlier(heap[earlier] as Event, last)) break;
      heap[hole] = heap[earlier] as Event;
      hole = earlier;
    }
    heap[hole] = last;
  }
}

const isEarlier = (a: Event, b: Event): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/**
 * Node runs all waiting promise jobs before the next immediate. Nothing simulated waits for a timer, socket
 * or thread. So everything else has run after one immediate.
 */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
