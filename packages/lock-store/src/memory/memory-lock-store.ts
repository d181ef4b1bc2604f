import { Unavailable } from "@sallyport/domain";
import type { NewDeadline } from "@sallyport/lock-core";
import type { LockPage, LockReader } from "../lock-reader.ts";
import {
  type Change,
  type Changed,
  checkChange,
  checkKey,
  checkLimit,
  checkOwner,
  type Loaded,
  type LockStore,
  type Losses,
  noLosses,
  type Page,
  type StoredLock,
} from "../lock-store.ts";
import { DeadlineHeap } from "./deadline-heap.ts";

interface Entry extends StoredLock {
  readonly owner: string | null;
}

/** Stores that share one state act like connections to one store. */
export class MemoryLockState {
  readonly locks = new Map<string, Entry>();
  readonly deadlines = new DeadlineHeap();
  /** Each owner and key has a number that rises with each new ownership. */
  readonly owned = new Map<string, Map<string, number>>();
  lastVersion = 0;
  lastOwned = 0;
}

export interface MemoryLockStoreOptions {
  readonly nowMs: () => number;
  readonly state?: MemoryLockState;
}

/** Keeps locks in memory until the process ends. Each operation takes effect before the call returns. */
export class MemoryLockStore implements LockStore, LockReader {
  readonly losses: Losses = noLosses;
  readonly #nowMs: () => number;
  readonly #state: MemoryLockState;
  #closed = false;

  constructor({ nowMs, state = new MemoryLockState() }: MemoryLockStoreOptions) {
    this.#nowMs = nowMs;
    this.#state = state;
  }

  generationOf(): undefined {
    return undefined;
  }

  async load(key: string): Promise<Loaded> {
    checkKey(key);
    return this.#read(key);
  }

  async compareAndSet(change: Change): Promise<Changed> {
    checkChange(change);
    const { key, expectedVersion, value, deadline, when, owner } = change;
    const { nowMs, lock: current } = this.#read(key);
    if ((current?.version ?? 0) !== expectedVersion) return { ok: false, why: "version", nowMs, current };
    const before = current?.deadlineMs ?? null;
    const isDue = before !== null && nowMs >= before;
    if (when !== undefined && isDue !== (when === "due")) return { ok: false, why: "time", nowMs, current };

    const state = this.#state;
    this.#setOwner(key, value === null ? null : owner);
    const deadlineMs = value === null ? null : deadlineAfter(deadline, before, nowMs);
    if (deadlineMs === null) state.deadlines.delete(key);
    else state.deadlines.set(key, deadlineMs);
    if (value === null) {
      state.locks.delete(key);
      return { ok: true, version: 0 };
    }
    state.lastVersion += 1;
    state.locks.set(key, { version: state.lastVersion, value, deadlineMs, owner });
    return { ok: true, version: state.lastVersion };
  }

  async due(limit: number): Promise<readonly string[]> {
    checkLimit(limit);
    return this.#open().deadlines.due(this.#clock(), limit);
  }

  async ownedBy(owner: string, cursor: string | null, limit: number): Promise<Page> {
    checkOwner(owner);
    checkLimit(limit);
    // The numbers rise in the order of the map, so a cursor stays valid if earlier keys are removed.
    const after = cursor === null ? 0 : Number(cursor);
    if (!Number.isSafeInteger(after)) throw new RangeError(`${cursor} is not a cursor`);
    const keys: string[] = [];
    let last = after;
    for (const [key, number] of this.#open().owned.get(owner) ?? []) {
      if (number <= after) continue;
      if (keys.length === limit) return { keys, next: String(last) };
      keys.push(key);
      last = number;
    }
    return { keys, next: null };
  }

  async list(cursor: string | null, limit: number, keyPrefix = ""): Promise<LockPage> {
    checkLimit(limit);
    const { locks } = this.#open();
    const isLeft = (key: string): boolean => key.startsWith(keyPrefix) && (cursor === null || key > cursor);
    const left = [...locks.keys()].filter(isLeft).sort();
    const page = left.slice(0, limit).flatMap((key) => {
      const entry = locks.get(key);
      return entry === undefined ? [] : [{ key, value: entry.value, deadlineMs: entry.deadlineMs }];
    });
    return {
      nowMs: this.#clock(),
      locks: page,
      next: left.length > limit ? (page.at(-1)?.key ?? null) : null,
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #read(key: string): Loaded {
    const entry = this.#open().locks.get(key);
    if (entry === undefined) return { nowMs: this.#clock(), lock: null };
    const { version, value, deadlineMs } = entry;
    return { nowMs: this.#clock(), lock: { version, value, deadlineMs } };
  }

  #setOwner(key: string, owner: string | null): void {
    const { locks, owned } = this.#state;
    const before = locks.get(key)?.owner ?? null;
    if (before === owner) return;
    if (before !== null) {
      const keys = owned.get(before);
      keys?.delete(key);
      if (keys?.size === 0) owned.delete(before);
    }
    if (owner === null) return;
    const keys = owned.get(owner) ?? new Map<string, number>();
    owned.set(owner, keys);
    this.#state.lastOwned += 1;
    keys.set(key, this.#state.lastOwned);
  }

  #clock(): number {
    return Math.floor(this.#nowMs());
  }

  #open(): MemoryLockState {
    if (this.#closed) throw new Unavailable("the lock store is closed");
    return this.#state;
  }
}

function deadlineAfter(deadline: NewDeadline, before: number | null, nowMs: number): number | null {
  if (deadline === "none") return null;
  if (deadline === "keep") return before;
  return "inMs" in deadline ? nowMs + deadline.inMs : deadline.atMs;
}
