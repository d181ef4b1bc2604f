import type { Loaded } from "./lock-store.ts";

/**
 * Reads locks and changes nothing, not even the record of losses. Operators and the gateway use a reader to
 * find the owner of a lock. A result may soon be outdated.
 */
export interface LockReader {
  /** Rejects with `UnreadableLock` if the value under the key was not written by a lock store. */
  load(key: string): Promise<Loaded>;
  /**
   * Gives one page of the locks that have a deadline or an owner and whose key begins with `keyPrefix`, in no
   * order. The first page is at cursor null, and the last page has `next` null. A page has about `limit`
   * locks, and may be empty. A lock that exists during the whole paging is given at least once, and usually
   * only once.
   */
  list(cursor: string | null, limit: number, keyPrefix?: string): Promise<LockPage>;
}

export interface ListedLock {
  readonly key: string;
  /** Null: another program wrote the entry under this key. */
  readonly value: string | null;
  /** Null: the lock has no deadline, or the entry is not a lock. */
  readonly deadlineMs: number | null;
}

export interface LockPage {
  /** The store's clock. Deadlines use this clock. */
  readonly nowMs: number;
  readonly locks: readonly ListedLock[];
  readonly next: string | null;
}

/** One connection serves the readers for all spaces of a store. */
export interface LockReaders {
  of(space: string): LockReader;
  close(): Promise<void>;
}
