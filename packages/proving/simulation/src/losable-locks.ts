import { Unavailable } from "@sallyport/domain";
import type { Losses, MemoryLockState } from "@sallyport/lock-store";
import { type StoredLock, storedLock } from "./facts.ts";

interface Kept {
  readonly version: number;
  readonly value: string;
  readonly deadlineMs: number | null;
  readonly owner: string | null;
}

/** What one connection knows about losses of its lock store. */
export interface LossesKnown extends Losses {
  /**
   * Throws if the store has a different generation. The Lua scripts of the real store check the same before
   * they change anything.
   */
  compare(generation: string): void;
  readonly generation: string;
}

export interface LosableLocksOptions {
  readonly state: MemoryLockState;
  readonly nowMs: () => number;
  /** How long owners can restore their locks after a loss. */
  readonly graceMs: number;
  /** Called after a loss with the locks that remain. If `isAll` is true, none remain. */
  readonly lost: (isAll: boolean, locks: readonly (readonly [key: string, lock: StoredLock])[]) => void;
}

/**
 * A lock store that loses data as Redis does: either everything, or only its newest changes. A server notices
 * the loss of a change that it made itself. If everything was lost, the first server that asks the store
 * notices the loss. Then the next generation begins.
 */
export class LosableLocks {
  readonly #options: LosableLocksOptions;
  readonly #kept = new Map<string, Kept>();
  #replica: { readonly kept: ReadonlyMap<string, Kept>; readonly changedBy: Set<string> } | null = null;
  /** Server processes whose changes the store has lost. */
  #missing: ReadonlySet<string> = new Set();
  #generations = 1;
  /** Null if all locks are lost and no server has begun a new generation yet. */
  #generation: number | null = 1;
  #graceUntilMs = 0;

  constructor(options: LosableLocksOptions) {
    this.#options = options;
  }

  /** Opens the connection of one server process. The process notices when its own changes are lost. */
  connect(life: string): LossesKnown {
    let known = this.#begun();
    let count = 0;
    return {
      get count() {
        return count;
      },
      get generation() {
        return String(known);
      },
      graceLeftMs: () => Math.max(0, this.#graceUntilMs - this.#options.nowMs()),
      compare: (generation) => {
        if (this.#missing.has(life)) this.empty();
        const current = this.#begun();
        if (generation === String(current)) return;
        if (current !== known) count += 1;
        known = current;
        throw new Unavailable("the store lost what it kept");
      },
    };
  }

  changed(life: string, key: string): void {
    this.#replica?.changedBy.add(life);
    const kept = this.#options.state.locks.get(key);
    if (kept === undefined) this.#kept.delete(key);
    else this.#kept.set(key, kept);
  }

  empty(): void {
    this.#missing = new Set();
    this.#generation = null;
    this.#put(new Map());
  }

  /** From now on, the replica gets no changes from the primary. */
  lag(): void {
    this.#replica = { kept: new Map(this.#kept), changedBy: new Set() };
  }

  /** The replica becomes the primary, so the changes since `lag` are lost. */
  failOver(): void {
    const replica = this.#replica;
    // If the primary lost everything after `lag`, the replica lost everything too.
    if (replica === null || this.#generation === null || replica.changedBy.size === 0) return;
    this.#replica = null;
    this.#missing = replica.changedBy;
    this.#put(replica.kept);
  }

  #begun(): number {
    if (this.#generation === null) {
      this.#generations += 1;
      this.#generation = this.#generations;
      this.#graceUntilMs = this.#options.nowMs() + this.#options.graceMs;
    }
    return this.#generation;
  }

  #put(all: ReadonlyMap<string, Kept>): void {
    const { state, lost } = this.#options;
    for (const key of state.locks.keys()) state.deadlines.delete(key);
    for (const each of [state.locks, state.owned, this.#kept]) each.clear();
    for (const [key, kept] of all) {
      const { version, value, deadlineMs, owner } = kept;
      this.#kept.set(key, kept);
      state.locks.set(key, { version, value, deadlineMs, owner });
      if (deadlineMs !== null) state.deadlines.set(key, deadlineMs);
      if (owner === null) continue;
      state.lastOwned += 1;
      state.owned.set(owner, (state.owned.get(owner) ?? new Map()).set(key, state.lastOwned));
    }
    lost(
      this.#generation === null,
      [...all].map(([key, kept]) => [key, storedLock(kept)]),
    );
  }
}
