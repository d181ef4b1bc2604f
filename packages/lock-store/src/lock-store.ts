/**
 * The port behind which locks live. It knows nothing of what a lock means: a value is an opaque string, and all
 * rules are decided by whoever reads and changes it.
 *
 * Versions. No two changes ever give the same version, of one lock or of two, so a lock that was deleted and made
 * anew is never mistaken for its earlier life. Redis keeps the highest version of each shard and raises it with
 * every change to at least its clock in microseconds; so even when it comes back without its newest writes, or
 * empty, the versions that were lost are not given again. The memory store counts.
 *
 * Lost answers. When `compareAndSet` fails with `StoreUnavailable`, the change may have been made. A store may get
 * the same change twice (a client library that resends after a reconnect): each call carries a write id, and the
 * second arrival finds its own id as the last write of the lock and is answered like the first. This holds for
 * deletes too, whose id is kept for a minute. Once another write has come in between, the second arrival is a
 * mismatch like any other and changes nothing.
 */
export interface LockStore {
  readonly losses: Losses;
  load(key: string): Promise<Loaded>;
  /** Makes the change if the lock is still at `expectedVersion`; otherwise says what it is now, and changes nothing. */
  compareAndSet(change: Change): Promise<Changed>;
  /**
   * Keys whose deadline is at or before the store's clock, the earliest first within a shard. Fewer than `limit`
   * means that no more are due. Nothing is claimed: asked again, it gives the same keys.
   */
  due(limit: number): Promise<readonly string[]>;
  /**
   * One page of the keys that an incarnation owns, beginning with cursor null and ending with next null. A page may
   * be empty. A key owned throughout the paging is given exactly once, whatever happens to others meanwhile. A cursor that
   * no page ended with is a `RangeError`.
   */
  ownedBy(owner: string, cursor: string | null, limit: number): Promise<Page>;
  /** Afterwards every operation fails with `StoreUnavailable`. */
  close(): Promise<void>;
}

/**
 * What a store noticed of having lost what it kept. For a time afterwards nothing new is to be given away, while servers
 * say what they hold and have it put back.
 */
export interface Losses {
  /** How often. */
  readonly count: number;
  /** How much longer locks are put back; 0 when none were lost, or it is over. */
  graceLeftMs(): number;
}

/** Of a store that loses nothing as long as its process lives. */
export const noLosses: Losses = { count: 0, graceLeftMs: () => 0 };

export interface StoredLock {
  readonly version: number;
  readonly value: string;
}

export interface Loaded {
  /** The store's own clock, in whole milliseconds: deadlines are on this one and no other. */
  readonly nowMs: number;
  readonly lock: StoredLock | null;
  /** For the change that follows: by then the store may have lost what it kept. */
  readonly generation?: string | undefined;
}

export interface Change {
  /** For instance `account:17`. */
  readonly key: string;
  /** 0: there must be no lock. */
  readonly expectedVersion: number;
  /** Null deletes the lock, its deadline and its place in the owner index. */
  readonly value: string | null;
  /** On the store's clock; null: none. */
  readonly deadlineMs: number | null;
  /** The incarnation of the server that owns it, for `ownedBy`; null: none. */
  readonly owner: string | null;
  /** As it was read. Not made in any other: that fails with `StoreUnavailable`. Absent: whatever is known by now. */
  readonly generation?: string | undefined;
}

export type Changed =
  /** What the next change has to expect: 0 after a delete. */
  | { readonly ok: true; readonly version: number }
  | { readonly ok: false; readonly nowMs: number; readonly current: StoredLock | null };

export interface Page {
  readonly keys: readonly string[];
  readonly next: string | null;
}

/** Refuses what no store could keep. A change like that is a bug of the caller, not a state of the store. */
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
