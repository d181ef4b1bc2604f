import { LRUCache } from "lru-cache";

/** The process last read or wrote the lock in this form. */
export interface KnownLock<Lock> {
  readonly lock: Lock;
  readonly version: number;
  /** The lock was read or written in this generation of the store. */
  readonly generation: string | undefined;
}

/** An entry without a lock marks a key whose last change has an unknown outcome. */
type Entry<Lock> = KnownLock<Lock> | "doubted";

const lockMax = 50_000;

/**
 * This is what one process knows about the locks that it last read or wrote. A copy may be outdated, because
 * other processes write the same locks. So a copy can only be the basis of a compare-and-set, which fails if
 * the copy is outdated. Free locks are not kept. If there are too many locks, the least recently used lock is
 * forgotten.
 */
export class KnownLocks<Lock extends object> {
  // `max` would take the memory of all of them at once.
  readonly #entries = new LRUCache<string, Entry<Lock>>({ maxSize: lockMax, sizeCalculation: () => 1 });

  /** Returns undefined if nothing is known about the lock in this generation. */
  of(key: string, generation: string | undefined): Entry<Lock> | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry === "doubted") return entry;
    return entry.generation === generation ? entry : undefined;
  }

  learn(key: string, known: KnownLock<Lock> | null): void {
    if (known === null) this.#entries.delete(key);
    else this.#entries.set(key, known);
  }

  /** The lock has to be read before it is changed again, because the outcome of its last change is unknown. */
  doubt(key: string): void {
    this.#entries.set(key, "doubted");
  }
}
