import type { Dueness, NewDeadline } from "@sallyport/lock-core";

/**
 * The interface to the place where locks are stored. A store does not know what a lock means: a value is an
 * opaque string, and the code that uses the store decides all rules.
 *
 * Versions: no two changes of a key ever get the same version. So a lock that was deleted and created again
 * is never mistaken for the earlier one. Redis keeps the highest version of each shard, and each change
 * raises this version at least to the clock of Redis in microseconds. So no lost version is given again, even
 * if Redis comes back empty or without its newest writes. The memory store counts its changes instead.
 *
 * Lost answers: if `compareAndSet` fails with `Unavailable`, the change may have been made. A store may also
 * get the same change twice, because a client library sends it again after a reconnect. So each call carries
 * a write id. If the second arrival finds its own id as the last write of the lock, it gets the answer of the
 * first. This works for deletes too: the id of a delete is kept for a minute. If another write came in
 * between, the second arrival is an ordinary mismatch and changes nothing.
 *
 * A store may send the reads and changes of one turn of the event loop together. It carries them out in the
 * order of the calls, and if one fails, the others do not.
 */
export interface LockStore {
  readonly losses: Losses;
  /** If a lock is loaded now, it is loaded in this generation. Undefined: the store loses nothing. */
  generationOf(key: string): string | undefined;
  load(key: string): Promise<Loaded>;
  /**
   * Changes nothing and returns the current lock in two cases. 1: its version is not `expectedVersion`. 2: it
   * does not meet the condition `when`.
   */
  compareAndSet(change: Change): Promise<Changed>;
  /**
   * Returns the keys whose deadline has passed on the store's clock, the earliest first within a shard. If
   * there are fewer than `limit`, no other keys are due. The call reserves nothing: the next call may return
   * the same keys.
   */
  due(limit: number): Promise<readonly string[]>;
  /**
   * Gives one page of the keys that an incarnation owns. The first page is at cursor null, and the last page
   * has `next` null. A page may be empty. A key that is owned during the whole paging is given exactly once,
   * whatever happens to other keys. A cursor that no page returned causes a `RangeError`.
   */
  ownedBy(owner: string, cursor: string | null, limit: number): Promise<Page>;
  /** After `close`, every operation fails with `Unavailable`. */
  close(): Promise<void>;
}

/**
 * A store counts the losses of locks that it has noticed. For a while after a loss, servers must not grant
 * new locks.
 */
export interface Losses {
  readonly count: number;
  /** Locks can be restored during this time. 0: no locks were lost, or the time is over. */
  graceLeftMs(): number;
}

/** A store uses this if it loses nothing while its process runs. */
export const noLosses: Losses = { count: 0, graceLeftMs: () => 0 };

export interface StoredLock {
  readonly version: number;
  readonly value: string;
  /** The deadline is a time on the store's clock. Null: the lock has no deadline. */
  readonly deadlineMs: number | null;
}

export interface Loaded {
  /** The store's clock, in whole milliseconds. All deadlines use this clock. */
  readonly nowMs: number;
  readonly lock: StoredLock | null;
  /** The caller passes this on with the next change, so that the store notices a loss since the load. */
  readonly generation?: string | undefined;
}

export interface Change {
  /** An example is `account:17`. */
  readonly key: string;
  /** 0: the change is made only if no lock is stored under the key. */
  readonly expectedVersion: number;
  /** Null deletes the lock, its deadline and its place in the owner index. */
  readonly value: string | null;
  /**
   * What the change does to the deadline. `inMs` begins on the store's clock when the change is made. A
   * deleted lock has no deadline, whatever this says.
   */
  readonly deadline: NewDeadline;
  /** The change is made only if the lock is due, or only if it is not due. Absent: in both cases. */
  readonly when?: Dueness | undefined;
  /** `ownedBy` finds the lock by this incarnation. Null: the lock has no owner. */
  readonly owner: string | null;
  /**
   * The generation in which the lock was last read or written; absent: the newest known one. If the lock's
   * shard is in another generation, the change fails with `Unavailable`.
   */
  readonly generation?: string | undefined;
}

export type Changed =
  /** The version that the next change must expect. 0 after a delete. */
  | { readonly ok: true; readonly version: number }
  | {
      readonly ok: false;
      /** `version`: the lock has a different version. `time`: the lock does not meet the condition `when`. */
      readonly why: "version" | "time";
      readonly nowMs: number;
      readonly current: StoredLock | null;
    };

export interface Page {
  readonly keys: readonly string[];
  readonly next: string | null;
}

/** Throws for a change that no store can make. Such a change is a bug of the caller. */
export function checkChange({ key, expectedVersion, deadline, owner }: Change): void {
  checkKey(key);
  if (!Number.isSafeInteger(expectedVersion) || expectedVersion < 0) {
    throw new RangeError(`lock ${key}: ${expectedVersion} is not a version`);
  }
  if (typeof deadline === "object") {
    const ms = "inMs" in deadline ? deadline.inMs : deadline.atMs;
    if (!Number.isSafeInteger(ms) || ms < 0)
      throw new RangeError(`lock ${key}: ${ms} is not a deadline in whole milliseconds`);
  }
  if (owner !== null) checkOwner(owner);
}

export function checkKey(key: string): void {
  if (key === "") throw new RangeError("a lock needs a key");
}

export function checkOwner(owner: string): void {
  // In the Redis index, NUL ends the owner's name.
  if (owner === "" || owner.includes("\0")) {
    throw new RangeError(`${JSON.stringify(owner)} cannot name an owner`);
  }
}

export function checkLimit(limit: number): void {
  if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError(`${limit} is not a limit`);
}
