interface Deadline {
  readonly key: string;
  readonly atMs: number;
}

/**
 * A binary heap of deadlines, the earliest on top. It knows the place of each key, so changing or removing a
 * deadline costs O(log n), and no old entries stay in the heap.
 */
export class DeadlineHeap {
  readonly #heap: Deadline[] = [];
  readonly #places = new Map<string, number>();

  get size(): number {
    return this.#heap.length;
  }

  set(key: string, atMs: number): void {
    const place = this.#places.get(key) ?? this.#heap.length;
    this.#put({ key, atMs }, place);
    this.#settle(place);
  }

  delete(key: string): void {
    const place = this.#places.get(key);
    if (place === undefined) return;
    this.#places.delete(key);
    const last = this.#heap.pop();
    if (last === undefined || place === this.#heap.length) return;
    this.#put(last, place);
    this.#settle(place);
  }

  /** The keys with the earliest deadlines up to `nowMs`. The keys stay in the heap. O(log n) for each key. */
  due(nowMs: number, limit: number): string[] {
    const taken: Deadline[] = [];
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.atMs > nowMs || taken.length >= limit) break;
      taken.push(first);
      this.delete(first.key);
    }
    for (const { key, atMs } of taken) this.set(key, atMs);
    return taken.map(({ key }) => key);
  }

  #put(deadline: Deadline, place: number): void {
    this.#heap[place] = deadline;
    this.#places.set(deadline.key, place);
  }

  #settle(place: number): void {
    const deadline = this.#at(place);
    let hole = place;
    while (hole > 0) {
      const above = (hole - 1) >> 1;
      if (!isEarlier(deadline, this.#at(above))) break;
      this.#put(this.#at(above), hole);
      hole = above;
    }
    for (;;) {
      const left = 2 * hole + 1;
      if (left >= this.#heap.length) break;
      const right = left + 1;
      const earlier = right < this.#heap.length && isEarlier(this.#at(right), this.#at(left)) ? right : left;
      if (!isEarlier(this.#at(earlier), deadline)) break;
      this.#put(this.#at(earlier), hole);
      hole = earlier;
    }
    this.#put(deadline, hole);
  }

  #at(place: number): Deadline {
    const deadline = this.#heap[place];
    if (deadline === undefined) throw new Error(`no deadline at ${place} of ${this.#heap.length}`);
    return deadline;
  }
}

/** Equal deadlines are ordered by key, as in a sorted set of Redis, so the order is always the same. */
function isEarlier(a: Deadline, b: Deadline): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.key < b.key);
}
