import { Unavailable } from "@sallyport/domain";
import type { AtStore, LockCore, NewDeadline } from "@sallyport/lock-core";
import type { KnownLocks } from "./known-locks.ts";
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
      /** The command was refused at this time, on the store's clock. */
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
   * With these copies of locks, most changes need no read. All services for the same locks share the copies.
   * Absent: every change reads the lock first. Rules that use the time need a read, because a copy has no
   * time.
   */
  readonly known?: KnownLocks<Lock>;
  /**
   * In each attempt, one of the concurrent writers succeeds. So this many writers can change one lock at
   * once.
   */
  readonly attemptsMax?: number;
}

/** A decision is based on this lock. `isRead`: the store returned the lock during the present call. */
interface Basis<Lock> {
  readonly lock: Lock;
  readonly version: number;
  readonly generation: string | undefined;
  /** The store's clock. 0 if the lock was not read. */
  readonly nowMs: number;
  readonly isRead: boolean;
}

/**
 * Applies commands to locks: decide, compare-and-set. A decision is based on a copy of the lock. Without a
 * copy, it is based on a guess: the lock is free. If the copy or the guess is wrong, the compare-and-set
 * fails, and the store returns the lock. Then the service decides again with that lock. So a change usually
 * costs one round trip, and a lost race one more.
 *
 * A refusal, or a decision that changes nothing, makes no compare-and-set that could fail. So if it is based
 * on a copy or a guess, the service reads the lock and decides again.
 *
 * A change names the generation in which its copy was read. A guess names the generation at the moment of
 * the call. A decision knows whether locks are lost at that moment. So a lock that is lost later is not taken
 * for a free one.
 *
 * If the store fails during the write, the caller cannot know whether the command was applied. The next
 * change of this lock reads the lock first.
 */
export class LockService<Lock extends object, Command, Effect, Refusal extends string> {
  readonly #store: LockStore;
  readonly #core: LockCore<Lock, Command, Effect, Refusal>;
  readonly #known: KnownLocks<Lock> | undefined;
  readonly #attemptsMax: number;

  constructor({ store, core, known, attemptsMax = 128 }: LockServiceOptions<Lock, Command, Effect, Refusal>) {
    this.#store = store;
    this.#core = core;
    this.#known = known;
    this.#attemptsMax = attemptsMax;
  }

  /** Returns the lock with the facts for a decision about it. */
  async read(key: string): Promise<{ readonly lock: Lock } & AtStore> {
    const { nowMs, lock } = await this.#read(key);
    return { lock, nowMs, isRestoring: this.#isRestoring };
  }

  async apply(key: string, command: Command): Promise<Applied<Lock, Effect, Refusal>> {
    try {
      // There is no `await` between the call and the guess. See the note about generations above.
      return await this.#applyOn(this.#recall(key) ?? (await this.#read(key)), key, command);
    } catch (error) {
      this.#known?.doubt(key);
      throw error;
    }
  }

  async #applyOn(first: Basis<Lock>, key: string, command: Command): Promise<Applied<Lock, Effect, Refusal>> {
    const core = this.#core;
    let basis = first;
    for (let attempt = 1; attempt <= this.#attemptsMax; attempt += 1) {
      const { lock: before, version, generation, nowMs } = basis;
      const decision = core.decide(before, command, { nowMs, isRestoring: this.#isRestoring });
      if (!decision.ok || changesNothing(core, basis, decision)) {
        if (!basis.isRead) {
          basis = await this.#read(key);
          continue;
        }
        if (!decision.ok) return { ok: false, refusal: decision.refusal, lock: before, nowMs };
        return { ok: true, before, lock: decision.next, effects: decision.effects };
      }
      const { next, effects, deadline, when } = decision;
      const deleted = core.isInitial(next);
      const changed = await this.#store.compareAndSet({
        key,
        expectedVersion: version,
        value: deleted ? null : JSON.stringify(next),
        deadline,
        when: when?.is,
        owner: deleted ? null : core.ownerOf(next),
        generation,
      });
      if (changed.ok) {
        this.#known?.learn(key, deleted ? null : { lock: next, version: changed.version, generation });
        return { ok: true, before, lock: next, effects };
      }
      basis = this.#basisOf(key, changed.current, generation, changed.nowMs);
      // The lock has the expected version, so the decision is right except for the time.
      if (changed.why === "time" && when !== undefined)
        return { ok: false, refusal: when.otherwise, lock: basis.lock, nowMs: basis.nowMs };
    }
    throw new Contended(`${key} changed under ${this.#attemptsMax} attempts`);
  }

  get #isRestoring(): boolean {
    return this.#store.losses.graceLeftMs() > 0;
  }

  /** Null: the lock has to be read. */
  #recall(key: string): Basis<Lock> | null {
    if (this.#known === undefined) return null;
    const generation = this.#store.generationOf(key);
    const known = this.#known.of(key, generation);
    if (known === "doubted") return null;
    const { lock, version } = known ?? { lock: this.#core.initial, version: 0 };
    return { lock, version, generation, nowMs: 0, isRead: false };
  }

  async #read(key: string): Promise<Basis<Lock>> {
    const { lock, generation, nowMs } = await this.#store.load(key);
    return this.#basisOf(key, lock, generation, nowMs);
  }

  #basisOf(
    key: string,
    stored: StoredLock | null,
    generation: string | undefined,
    nowMs: number,
  ): Basis<Lock> {
    if (stored === null) {
      this.#known?.learn(key, null);
      return { lock: this.#core.initial, version: 0, generation, nowMs, isRead: true };
    }
    const { version, value } = stored;
    const lock = readLock<Lock>(key, value, this.#core.isLock);
    this.#known?.learn(key, { lock, version, generation });
    return { lock, version, generation, nowMs, isRead: true };
  }
}

/** A free lock is not stored, so there is nothing to free in it. */
const changesNothing = <Lock extends object>(
  core: { isInitial(lock: Lock): boolean },
  { lock, version }: Basis<Lock>,
  { next, deadline }: { readonly next: Lock; readonly deadline: NewDeadline },
): boolean => (next === lock && deadline === "keep") || (version === 0 && core.isInitial(next));
