import type { Loaded } from "./lock-store.ts";

/**
 * Looks at locks and changes nothing, not even what is known of what the store lost: for operators, and for whoever only
 * has to find an owner. What it reads may be over a moment later.
 */
export interface LockReader {
  /** Rejects with `UnreadableLock` where what the store has under the key is not of its making. */
  load(key: string): Promise<Loaded>;
  /**
   * One page of all locks that have a deadline or an owner and whose key begins so, in no order, beginning with cursor null
   * and ending with next null. About `limit` of them, or none. A lock that is there throughout the paging is given, once
   * as a rule.
   */
  list(cursor: string | null, limit: number, keyPrefix?: string): Promise<LockPage>;
}

export interface LockPage {
  /** The store's clock, on which deadlines are. */
  readonly nowMs: number;
  /** A null for the value: what the store has under the key is not of its making. */
  readonly locks: readonly { readonly key: string; readonly value: string | null }[];
  readonly next: string | null;
}

/** Of all spaces of one store, over one connection. */
export interface LockReaders {
  of(space: string): LockReader;
  close(): Promise<void>;
}
