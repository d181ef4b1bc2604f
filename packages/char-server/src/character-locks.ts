import { AccountId, type KickReason, LoginId } from "@sallyport/domain";
import { type Clock, delay } from "@sallyport/link";
import {
  type CharacterAssertion,
  type CharacterCommand,
  type CharacterEffect,
  type CharacterLock,
  type CharacterRefusal,
  characterLockCore,
  characterLockKey,
  characterReassertion,
  type LockTiming,
  type Owner,
} from "@sallyport/lock-core";
import { type Applied, LockService, type LockStore, nullIfUnreadable } from "@sallyport/lock-store";
import { waits } from "@sallyport/server-kit";

const lookEveryMs = 100;

export interface CharacterLocksDeps {
  readonly store: LockStore;
  readonly timing: LockTiming;
  readonly clock: Clock;
  /** Performs one effect; `reason` is what a client that must go is told. */
  readonly perform: (accountId: AccountId, effect: CharacterEffect, reason: KickReason) => Promise<void>;
  /** Told of a change that may have been made, and whose effects were not performed. */
  readonly doubted?: (accountId: AccountId) => void;
}

/** The character locks of one world, one an account. Every change performs the effects that it decided. */
export class CharacterLocks {
  readonly #deps: CharacterLocksDeps;
  readonly #locks: LockService<CharacterLock, CharacterCommand, CharacterEffect, CharacterRefusal>;
  readonly #lost: LockService<CharacterLock, CharacterAssertion, CharacterEffect, "stale-fence">;

  constructor(deps: CharacterLocksDeps) {
    this.#deps = deps;
    this.#locks = new LockService({ store: deps.store, core: characterLockCore(deps.timing) });
    this.#lost = new LockService({ store: deps.store, core: characterReassertion(deps.timing) });
  }

  /** The store lost its locks, and map-servers say whose characters they have: a free lock may be somebody's. */
  get arePutBack(): boolean {
    return this.untilKnownMs > 0;
  }

  get untilKnownMs(): number {
    return this.#deps.store.losses.graceLeftMs();
  }

  apply(accountId: AccountId, command: CharacterCommand, reason: KickReason = "lock-lost") {
    return this.#performed(accountId, this.#locks.apply(characterLockKey(accountId), command), reason);
  }

  /** Puts back what the store lost, or says that a newer owner has it. */
  putBack(accountId: AccountId, said: CharacterAssertion) {
    return this.#performed(accountId, this.#lost.apply(characterLockKey(accountId), said), "lock-lost");
  }

  async #performed<R extends string>(
    accountId: AccountId,
    applying: Promise<Applied<CharacterLock, CharacterEffect, R>>,
    reason: KickReason,
  ) {
    const applied = await applying.catch((error) => {
      this.#deps.doubted?.(accountId);
      throw error;
    });
    if (applied.ok) {
      await Promise.all(applied.effects.map((effect) => this.#deps.perform(accountId, effect, reason)));
    }
    return applied;
  }

  /**
   * Opens the lock for a client whose account lock is held here. An older login that is being evicted has lost its
   * account lock and is on its way out, so it is waited for, at most as long as it may take. Null: the lock was lost, and
   * may be put back yet; the login tier need not have lost anything.
   */
  async openAfter(
    accountId: AccountId,
    open: Extract<CharacterCommand, { type: "open" }>,
    isThere: () => boolean,
  ) {
    const { clock, timing } = this.#deps;
    const untilMs = clock.nowMs() + timing.evictMs + waits.sweepMs;
    for (;;) {
      if (this.arePutBack && (await this.read(accountId)).state === "free") return null;
      // Read in the same moment: what is lost later is noticed by the store itself.
      const opened = await this.apply(accountId, open);
      const isLeaving =
        !opened.ok && opened.lock.state === "evicting" && opened.lock.accountFence < open.accountFence;
      if (!isLeaving || !isThere() || clock.nowMs() >= untilMs) return opened;
      await delay(clock, lookEveryMs);
    }
  }

  async read(accountId: AccountId): Promise<CharacterLock> {
    return (await this.#locks.read(characterLockKey(accountId))).lock;
  }

  /** Asks whoever has the account's character, with these login ids, to let it go. False: nobody has. */
  async evict(accountId: AccountId, loginId1: LoginId, reason: KickReason): Promise<boolean> {
    const lock = await this.read(accountId);
    if (lock.state === "free" || lock.loginId1 !== loginId1) return false;
    return (await this.apply(accountId, { type: "evict" }, reason)).ok;
  }

  /** Asks for everything that one life of a server has, or for those alone. */
  async evictAllOf(
    owner: Owner,
    reason: KickReason,
    isMeant?: (accountId: AccountId, loginId1: LoginId) => boolean,
  ): Promise<void> {
    for await (const accountId of this.#accountsOf(owner)) {
      // One that cannot be read keeps nobody else here.
      const lock = isMeant && (await this.read(accountId).catch(nullIfUnreadable));
      const isSpared = lock && (lock.state === "free" || !isMeant(accountId, LoginId(lock.loginId1)));
      if (!isSpared) await this.apply(accountId, { type: "evict" }, reason).catch(nullIfUnreadable);
    }
  }

  async countOf(owner: Owner): Promise<number> {
    let count = 0;
    for await (const _ of this.#accountsOf(owner)) count += 1;
    return count;
  }

  async forfeit(key: string, owner: Owner): Promise<void> {
    await this.apply(accountOf(key), { type: "forfeit", owner });
  }

  async expire(key: string): Promise<CharacterLock | null> {
    const applied = await this.apply(accountOf(key), { type: "expire" }, "timed-out");
    return applied.ok ? applied.before : null;
  }

  async *#accountsOf({ incarnation }: Owner): AsyncGenerator<AccountId> {
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<LockStore["ownedBy"]>> = await this.#deps.store.ownedBy(
        incarnation,
        cursor,
        500,
      );
      for (const key of page.keys) yield accountOf(key);
      cursor = page.next;
    } while (cursor !== null);
  }
}

const accountOf = (key: string): AccountId => AccountId(Number(key.slice(key.indexOf(":") + 1)));

export const loginIdOf = (effect: { readonly loginId1: number }): LoginId => LoginId(effect.loginId1);
