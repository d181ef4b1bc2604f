import { type Clock, retry } from "@sallyport/clock";
import { type AccountId, type Kick, type KickReason, kickFor, LoginId } from "@sallyport/domain";
import {
  type CharacterAssertion,
  type CharacterCommand,
  type CharacterEffect,
  type CharacterLock,
  characterLockCore,
  characterLockKey,
  characterReassertion,
  type LockTiming,
  type Owner,
} from "@sallyport/lock-core";
import {
  accountOfKey,
  type LockStore,
  locksByAccount,
  nullIfUnreadable,
  ownedPages,
} from "@sallyport/lock-store";
import { type Host, waits } from "@sallyport/server-kit";

const lookEveryMs = 100;

export interface CharacterLocksDeps {
  readonly store: LockStore;
  readonly timing: LockTiming;
  /** A client that has to leave is told `kick`. */
  readonly perform: (accountId: AccountId, effect: CharacterEffect, kick: Kick) => Promise<void>;
  /** This is called if a change may have been made, but its effects were not carried out. */
  readonly doubted?: (accountId: AccountId) => void;
}

/**
 * Each account has one character lock in this world. After each change, this class carries out the effects of
 * the change.
 */
export class CharacterLocks {
  readonly #clock: Clock;
  readonly #deps: CharacterLocksDeps;
  readonly #locks;

  constructor({ clock }: Pick<Host, "clock">, deps: CharacterLocksDeps) {
    this.#clock = clock;
    this.#deps = deps;
    const { store, timing, perform, doubted } = deps;
    const [core, reassertion] = [characterLockCore(timing), characterReassertion(timing)];
    this.#locks = locksByAccount({ store, keyOf: characterLockKey, core, reassertion, perform, doubted });
  }

  /**
   * True after the lock store lost its locks, while map-servers report which characters they have. During
   * this time, a lock that looks free may have an owner.
   */
  get isRestoring(): boolean {
    return this.untilKnownMs > 0;
  }

  get untilKnownMs(): number {
    return this.#deps.store.losses.graceLeftMs();
  }

  apply(accountId: AccountId, command: CharacterCommand, kick: Kick = kickFor("lock-lost")) {
    return this.#locks.apply(accountId, command, kick);
  }

  /**
   * Gives the lock to a map-server that came back and still has the character. If the store lost its locks,
   * the lock is restored, or a newer owner has it.
   */
  async reclaim(
    accountId: AccountId,
    said: CharacterAssertion,
  ): Promise<"reclaimed" | "restored" | "not-reclaimed"> {
    const { owner, charId, charFence, loginId1 } = said;
    const claim = { type: "reclaim", owner, charId, charFence, loginId1 } as const;
    // An earlier version did not record why the owner is asked to leave. Usually another client logged in.
    if ((await this.apply(accountId, claim, kickFor("logged-in-elsewhere"))).ok) return "reclaimed";
    return (await this.#locks.putBack(accountId, said, kickFor("lock-lost"))).ok
      ? "restored"
      : "not-reclaimed";
  }

  /**
   * Opens the character lock for a client whose account lock is held here. If an older login that has the
   * character lock is being evicted, this waits until the older login leaves, but not longer than an eviction
   * can take. It is refused as `being-restored` if the owner of the lock may still restore it. This can happen
   * although the account lock is held, because login-servers may use a store that lost nothing.
   */
  async openAfter(
    accountId: AccountId,
    open: Extract<CharacterCommand, { type: "open" }>,
    isThere: () => boolean,
  ) {
    const { timing } = this.#deps;
    const clock = this.#clock;
    const untilMs = clock.nowMs() + timing.evictMs + waits.sweepMs;
    return retry(
      clock,
      () => this.apply(accountId, open),
      (opened) => {
        const lock = opened.ok ? null : opened.lock;
        const isLeaving = lock?.state === "evicting" && lock.accountFence < open.accountFence;
        return isLeaving && isThere() && clock.nowMs() < untilMs ? lookEveryMs : null;
      },
    );
  }

  read(accountId: AccountId): Promise<CharacterLock> {
    return this.#locks.read(accountId);
  }

  /**
   * Asks the owner of the account's character lock to release it, if the lock has these login ids. Returns
   * false if nobody was asked.
   */
  async evict(accountId: AccountId, loginId1: LoginId, kick: Kick): Promise<boolean> {
    const lock = await this.read(accountId);
    if (lock.state === "free" || lock.loginId1 !== loginId1) return false;
    return (await this.#evict(accountId, kick)).ok;
  }

  /**
   * Asks one incarnation of a server to release all its character locks, or only those that `isMeant` picks.
   */
  async evictAllOf(
    owner: Owner,
    reason: KickReason,
    isMeant?: (accountId: AccountId, loginId1: LoginId) => boolean,
  ): Promise<void> {
    for await (const accountId of this.#accountsOf(owner)) {
      // A lock that cannot be read must not keep the other characters from being evicted.
      const lock = isMeant && (await this.read(accountId).catch(nullIfUnreadable));
      const isSpared = lock && (lock.state === "free" || !isMeant(accountId, LoginId(lock.loginId1)));
      if (!isSpared) await this.#evict(accountId, kickFor(reason)).catch(nullIfUnreadable);
    }
  }

  async countOf(owner: Owner): Promise<number> {
    let count = 0;
    for await (const _ of this.#accountsOf(owner)) count += 1;
    return count;
  }

  async forfeit(key: string, owner: Owner): Promise<void> {
    await this.apply(accountOfKey(key), { type: "forfeit", owner });
  }

  async expire(key: string): Promise<CharacterLock | null> {
    const applied = await this.apply(accountOfKey(key), { type: "expire" }, kickFor("timed-out"));
    return applied.ok ? applied.before : null;
  }

  #evict(accountId: AccountId, kick: Kick) {
    return this.apply(accountId, { type: "evict", told: kick }, kick);
  }

  async *#accountsOf({ incarnation }: Owner): AsyncGenerator<AccountId> {
    for await (const keys of ownedPages(this.#deps.store, incarnation)) yield* keys.map(accountOfKey);
  }
}

export const loginIdOf = (effect: { readonly loginId1: number }): LoginId => LoginId(effect.loginId1);
