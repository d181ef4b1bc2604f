/**
 * The port behind which locks are stored. It does not know what a lock means: a value is an opaque string,
 * and its readers and writers decide all rules.
 *
 * Versions. No two changes ever get the same version, whether of one lock or of two. So a lock that was
 * deleted and made again is never mistaken for its earlier self. Redis keeps the highest version of each
 * shard, and each change raises it at least to the clock of Redis in microseconds. So even if Redis comes
 * back empty or without its newest writes, it does not give lost versions again. The memory store counts.
 *
 * Lost answers. If `compareAndSet` fails with `Unavailable`, the change may have been made. A store may
 * get the same change twice, because a client library resends after a reconnect. So each call carries a write
 * id: if the second arrival finds its own id as the last write of the lock, it gets the answer of the first.
 * This holds for deletes too; their id is kept for a minute. Once another write has come in between, the
 * second arrival is a mismatch like any other and changes nothing.
 */
export interface LockStore {
  readonly losses: Losses;
  load(key: string): Promise<Loaded>;
  /**
   * Makes the change if the lock is still at `expectedVersion`. Otherwise returns the present lock and
   * changes nothing.
   */
  compareAndSet(change: Change): Promise<Changed>;
  /**
   * Keys with a deadline at or before the store's clock, the earliest first within a shard. Fewer than
   * `limit`: no more are due. Nothing is claimed: the next call returns the same keys.
   */
  due(limit: number): Promise<readonly string[]>;
  /**
   * Gives one page of the keys that an incarnation owns. Begin with cursor null; the last page has next null.
   * A page may be empty. A key that is owned during the whole paging is given exactly once, whatever happens
   * to other keys meanwhile. A cursor that no page returned is a `RangeError`.
   */
  ownedBy(owner: string, cursor: string | null, limit: number): Promise<Page>;
  /** Afterwards every operation fails with `Unavailable`. */
  close(): Promise<void>;
}

/**
 * The losses that a store has noticed. For some time after a loss, the servers must grant no new lock while
 * they restore their own.
 */
export interface Losses {
  /** How many losses there were. */
  readonly count: number;
  /** How much longer locks may be restored; 0 if none were lost, or the time is over. */
  graceLeftMs(): number;
}

/** The losses of a store that keeps its content as long as its process runs. */
export const noLosses: Losses = { count: 0, graceLeftMs: () => 0 };

export interface StoredLock {
  readonly version: number;
  readonly value: string;
}

export interface Loaded {
  /** The store's own clock, in whole milliseconds. All deadlines are on this clock. */
  readonly nowMs: number;
  readonly lock: StoredLock | null;
  /** Pass this on with the next change of the lock: the store may lose its content before that. */
  readonly generation?: string | undefined;
}

export interface Change {
  /** The key of a lock, such as `account:17`. */
  readonly key: string;
  /** 0: no lock may exist. */
  readonly expectedVersion: number;
  /** Null deletes the lock, its deadline and its place in the owner index. */
  readonly value: string | null;
  /** The deadline on the store's clock; null: none. */
  readonly deadlineMs: number | null;
  /** The incarnation of the server that owns it, for `ownedBy`; null: none. */
  readonly owner: string | null;
  /**
   * The generation that was read. In any other generation the change fails with `Unavailable`. Absent:
   * the newest known one.
   */
  readonly generation?: string | undefined;
}

export type Changed =
  /** The version that the next change has to expect: 0 after a delete. */
  | { readonly ok: true; readonly version: number }
  | { readonly ok: false; readonly nowMs: number; readonly current: StoredLock | null };

export interface Page {
  readonly keys: readonly string[];
  readonly next: string | null;
}

/** Rejects a change that no store could keep: a bug of the caller, not a state of the store. */
export function checkChange({ key, expectedVersion, deadlineMs, owner }: Change): void {
  checkKey(key);
  if (!Number.isSafeInteger(expectedVersion) || expectedVersion < 0) {
    throw new RangeError(`lock ${key}: ${expectedVersion} is not a version`);
  }
  if (deadlineMs !== null && !Number.isSafeInteger(deadlineMs)) {
    throw new RangeError(`lock ${key}: ${deadlineMs} is not a deadline in whole milliseconds`);
  }
  if (owner !== null) checkOwner(owner);
}

export function checkKey(key: string): void {
  if (key === "") throw new RangeError("a lock needs a key");
}

export function checkOwner(owner: string): void {
  // NUL ends the owner's name in the Redis index.
  if (owner === "" || owner.includes("\0")) {
    throw new RangeError(`${JSON.stringify(owner)} cannot name an owner`);
  }
}

export function checkLimit(limit: number): void {
  if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError(`${limit} is not a limit`);
}
