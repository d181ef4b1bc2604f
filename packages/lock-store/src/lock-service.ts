import { Unavailable } from "@sallyport/domain";
import type { LockCore } from "@sallyport/lock-core";
import type { LockStore, StoredLock } from "./lock-store.ts";
import { readLock } from "./lock-value.ts";

export type Applied<Lock, Effect, Refusal extends string> =
  | {
      readonly ok: true;
      readonly before: Lock;
      readonly lock: Lock;
      /** The caller must carry out these effects. If the caller crashes first, they are lost. */
      readonly effects: readonly Effect[];
    }
  | {
      readonly ok: false;
      readonly refusal: Refusal;
      readonly lock: Lock;
      /** The time of the refusal, on the store's clock. */
      readonly nowMs: number;
    };

/** Other writers changed the lock in every attempt of this call. The call changed nothing. */
export class Contended extends Unavailable {
  override readonly name = "Contended";
}

export interface LockServiceOptions<Lock extends object, Command, Effect, Refusal extends string> {
  readonly store: LockStore;
  readonly core: LockCore<Lock, Command, Effect, Refusal>;
  /**
   * In each attempt, one of the concurrent writers succeeds. So this many writers can change one lock at
   * once.
   */
  readonly attemptsMax?: number;
}

/**
 * Applies commands to locks: load, decide, compare-and-set. If another writer was faster, the service decides
 * again, with the lock that the store returned. So a lost race costs one round trip, and a
 * refusal is always based on the newest lock. The service holds no lock of its own and caches nothing, so any
 * number of services may share a store.
 *
 * If the store fails during the write, the caller cannot know whether the command was applied.
 */
export class LockService<Lock extends object, Command, Effect, Refusal extends string> {
  readonly #store: LockStore;
  readonly #core: LockCore<Lock, Command, Effect, Refusal>;
  readonly #attemptsMax: number;

  constructor({ store, core, attemptsMax = 128 }: LockServiceOptions<Lock, Command, Effect, Refusal>) {
    this.#store = store;
    this.#core = core;
    this.#attemptsMax = attemptsMax;
  }

  async read(key: string): Promise<{ readonly lock: Lock; readonly nowMs: number }> {
    const { nowMs, lock } = await this.#store.load(key);
    return { nowMs, lock: this.#parse(key, lock) };
  }

  async apply(key: string, command: Command): Promise<Applied<Lock, Effect, Refusal>> {
    const core = this.#core;
    const loaded = await this.#store.load(key);
    let nowMs = loaded.nowMs;
    let stored = loaded.lock;
    const { generation } = loaded;
    for (let attempt = 1; attempt <= this.#attemptsMax; attempt += 1) {
      const before = this.#parse(key, stored);
      const decision = core.decide(before, command, { nowMs });
      if (!decision.ok) return { ok: false, refusal: decision.refusal, lock: before, nowMs };
      const { next, effects, deadline, when } = decision;
      const applied = { ok: true, before, lock: next, effects } as const;

      const deleted = core.isInitial(next);
      const isSame = next === before && deadline === "keep";
      if (isSame || (deleted && stored === null)) return applied;
      const changed = await this.#store.compareAndSet({
        key,
        expectedVersion: stored?.version ?? 0,
        value: deleted ? null : JSON.stringify(next),
        deadline,
        when: when?.is,
        owner: deleted ? null : core.ownerOf(next),
        generation,
      });
      if (changed.ok) return applied;
      nowMs = changed.nowMs;
      stored = changed.current;
      if (changed.why === "time" && when !== undefined)
        return { ok: false, refusal: when.otherwise, lock: before, nowMs };
    }
    throw new Contended(`${key} changed under ${this.#attemptsMax} attempts`);
  }

  #parse(key: string, stored: StoredLock | null): Lock {
    return stored === null ? this.#core.initial : readLock<Lock>(key, stored.value, this.#core.isLock);
  }
}
