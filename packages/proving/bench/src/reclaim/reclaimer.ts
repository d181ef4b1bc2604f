/**
 * Called after each page with two numbers: the number of its locks, and the milliseconds that the page took.
 */
export type Reclaimed = (locks: number, ms: number) => void;

export interface Reclaimer {
  /** Moves all locks from the previous incarnation of a server to the next one. */
  reclaim(reclaimed: Reclaimed): Promise<void>;
  close(): void;
}

/** This many locks are read and changed at the same time. */
const pageSize = 500;

/** Yields the ids 1 to `count` in pages. */
export function* pagesOf(count: number): Generator<readonly number[]> {
  for (let from = 1; from <= count; from += pageSize) {
    yield Array.from({ length: Math.min(pageSize, count + 1 - from) }, (_, nth) => from + nth);
  }
}
