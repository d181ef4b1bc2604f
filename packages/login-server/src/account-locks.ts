import type { AccountStore } from "@sallyport/database";
import {
  type AccountId,
  accepted,
  Fence,
  LoginId,
  type LoginTicket,
  type Outcome,
  refused,
} from "@sallyport/domain";
import {
  type AccountCommand,
  type AccountEffect,
  type AccountLock,
  type AccountRefusal,
  accountLockCore,
  type LockTiming,
  type Owner,
} from "@sallyport/lock-core";
import { LockService, type LockStore } from "@sallyport/lock-store";
import type { Log } from "@sallyport/server-kit";

/** How soon a login that found its account held is worth trying again: the owner has just been asked to leave. */
const heldRetryMs = 500;

export interface AccountLocksDeps {
  readonly store: LockStore;
  readonly timing: LockTiming;
  readonly accounts: AccountStore;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly log: Log;
  /** Performs effects: tells the owner, if it is linked here. */
  readonly perform: (accountId: AccountId, effect: AccountEffect) => void;
}

export interface Granted {
  readonly ticket: LoginTicket;
  readonly lastLoginMs: number | null;
}

export class AccountLocks {
  readonly #deps: AccountLocksDeps;
  readonly #locks: LockService<AccountLock, AccountCommand, AccountEffect, AccountRefusal>;

  constructor(deps: AccountLocksDeps) {
    this.#deps = deps;
    this.#locks = new LockService({ store: deps.store, core: accountLockCore(deps.timing) });
  }

  /**
   * For a client that proved its password. A char-server's lock is not taken over: the newcomer is refused, and the
   * owner asked to let its client go. `gone`: nobody waits any more. It is asked before every step, because by then
   * the same account may have logged in anew, and must not be pushed out by a login that is of use to nobody.
   */
  async grant(
    accountId: AccountId,
    gone: AbortSignal,
  ): Promise<Outcome<Granted, "already-online" | "wrong-name-or-password" | "unavailable">> {
    const key = keyOf(accountId);
    if (gone.aborted) return refused("unavailable");
    // Asked first: raising the fence of an account that another holds would refuse its writes for nothing.
    const held = await this.#evictOwner(accountId);
    if (held !== null) return held;
    while (!gone.aborted) {
      const raised = await this.#deps.accounts.raiseFence(accountId);
      // Deleted between the password check and here.
      if (!raised.ok) return refused("wrong-name-or-password");
      if (gone.aborted) break;
      const { sex, fence, lastLoginMs } = raised.value;
      const ids = { loginId1: this.#newLoginId(), loginId2: this.#newLoginId(), sex };
      const applied = await this.#locks.apply(key, { type: "grant", ...ids, fence });
      if (applied.ok) return accepted({ ticket: { accountId, ...ids }, lastLoginMs });
      // Another login of this account came in between with a newer fence; this one is newer still.
      if (applied.refusal === "stale-fence") continue;
      if (gone.aborted) break;
      return (await this.#evictOwner(accountId)) ?? refused("already-online", heldRetryMs);
    }
    return refused("unavailable");
  }

  async hold(
    ticket: LoginTicket,
    owner: Owner,
  ): Promise<Outcome<{ accountFence: Fence }, "not-logged-in" | "held-elsewhere">> {
    const { accountId, loginId1, loginId2, sex } = ticket;
    const applied = await this.#locks.apply(keyOf(accountId), {
      type: "hold",
      owner,
      loginId1,
      loginId2,
      sex,
    });
    if (applied.ok && applied.lock.state === "held")
      return accepted({ accountFence: Fence(applied.lock.fence) });
    if (!applied.ok && applied.refusal === "held-elsewhere") return refused("held-elsewhere");
    return refused("not-logged-in");
  }

  /** Releasing what is not held any more is harmless. */
  async release(of: { accountId: AccountId; loginId1: LoginId; owner: Owner }): Promise<void> {
    await this.#locks.apply(keyOf(of.accountId), { type: "release", owner: of.owner, loginId1: of.loginId1 });
  }

  async forfeit(key: string, owner: Owner): Promise<void> {
    await this.#apply(key, { type: "forfeit", owner });
  }

  async expire(key: string): Promise<void> {
    const applied = await this.#apply(key, { type: "expire" });
    if (applied.ok) this.#deps.log.info({ key, was: applied.before.state }, "account lock ran out");
  }

  async #apply(key: string, command: AccountCommand) {
    const applied = await this.#locks.apply(key, command);
    const accountId = Number(key.slice(keyPrefix.length)) as AccountId;
    if (applied.ok) for (const effect of applied.effects) this.#deps.perform(accountId, effect);
    return applied;
  }

  /** Null when nobody has to leave first. */
  async #evictOwner(accountId: AccountId) {
    const applied = await this.#apply(keyOf(accountId), { type: "evict" });
    if (applied.ok) return refused("already-online", heldRetryMs);
    if (applied.refusal !== "orphaned" || applied.lock.state !== "orphaned") return null;
    return refused("already-online", Math.max(heldRetryMs, applied.lock.deadlineMs - applied.nowMs));
  }

  /** Never 0: some clients take that for "none". */
  #newLoginId(): LoginId {
    const bytes = this.#deps.randomBytes(4);
    return LoginId(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) || 1);
  }
}

const keyPrefix = "account:";
const keyOf = (accountId: AccountId): string => `${keyPrefix}${accountId}`;
