import type { Account, AccountStore } from "@sallyport/database";
import {
  type AccountId,
  accepted,
  Fence,
  LoginId,
  type LoginTicket,
  type Outcome,
  refused,
} from "@sallyport/domain";
import { type Clock, delay } from "@sallyport/link";
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
import type { Log, Metrics } from "@sallyport/server-kit";
import { type Turn, Turns } from "./turns.ts";

/** How soon a login that found its account held is worth trying again: the owner has just been asked to leave. */
const heldRetryMs = 500;
/** Beyond the evict timer, for the sweep that carries it out. */
const takeoverGraceMs = 2_000;
/** The owner's release wakes a waiting login; this is for one that another login-server was told of. */
const lookEveryMs = 250;
const kickEveryMs = 2_000;

export interface AccountLocksDeps {
  readonly store: LockStore;
  readonly timing: LockTiming;
  readonly accounts: AccountStore;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: Metrics;
  /** Performs effects: tells the owner, if it is linked here. */
  readonly perform: (accountId: AccountId, effect: AccountEffect) => void;
}

/** What becomes of a login whose account is held: turned away, or let in once the older client has left. */
export type SecondLogin = "reject" | "takeover";

/** Of an account whose password was proven, with the fence that was read before. */
type Proven = Pick<Account, "accountId" | "fence"> & {
  /** The id that follows its client through the logs. */
  readonly trace?: string;
};

type GrantAnswer = Outcome<
  Granted,
  "already-online" | "overtaken" | "wrong-name-or-password" | "unavailable"
>;

export interface Granted {
  readonly ticket: LoginTicket;
  readonly lastLoginMs: number | null;
}

export class AccountLocks {
  readonly #deps: AccountLocksDeps;
  readonly #turns = new Turns();
  readonly #locks: LockService<AccountLock, AccountCommand, AccountEffect, AccountRefusal>;

  constructor(deps: AccountLocksDeps) {
    this.#deps = deps;
    this.#locks = new LockService({ store: deps.store, core: accountLockCore(deps.timing) });
  }

  /**
   * For a client that proved its password. While a char-server has the account, it is asked to let its client go;
   * then by `reject` the newcomer is refused, and by `takeover` it waits, bounded, and goes on once the lock is
   * free. Of several that wait the newest wins. `gone`: nobody waits for the answer any more. It is asked before
   * every step, because by then the account may have logged in anew, and must not be pushed out for nobody.
   */
  async grant(account: Proven, gone: AbortSignal, policy: SecondLogin): Promise<GrantAnswer> {
    const { accountId } = account;
    if (gone.aborted) return refused("unavailable");
    if (policy === "reject") {
      return (await this.#evictOwner(accountId)) ?? this.#grantFree(account, () => !gone.aborted);
    }
    const turn = this.#turns.take(accountId);
    gone.addEventListener("abort", () => turn.wake());
    try {
      return await this.#grantInTurn(account, gone, turn);
    } finally {
      turn.end();
    }
  }

  async #grantInTurn(account: Proven, gone: AbortSignal, turn: Turn): Promise<GrantAnswer> {
    const { accountId } = account;
    const { clock, timing } = this.#deps;
    const untilMs = clock.nowMs() + timing.evictMs + takeoverGraceMs;
    let answer: GrantAnswer = refused("already-online", heldRetryMs);
    for (let kickMs = Number.NEGATIVE_INFINITY; clock.nowMs() < untilMs; ) {
      if (turn.isOvertaken) return refused("overtaken");
      if (gone.aborted) return refused("unavailable");
      const { state } = (await this.#locks.read(keyOf(accountId))).lock;
      if (state === "free" || state === "granted") {
        answer = await this.#grantFree(account, () => !gone.aborted && !turn.isOvertaken);
        if (turn.isOvertaken && !answer.ok) return refused("overtaken");
        if (answer.ok || answer.refusal !== "already-online") return answer;
      } else if (state === "orphaned") {
        return (await this.#evictOwner(accountId)) ?? refused("already-online", heldRetryMs);
      } else if (clock.nowMs() - kickMs >= kickEveryMs) {
        kickMs = clock.nowMs();
        await this.#evictOwner(accountId);
      }
      await turn.pause(delay(clock, lookEveryMs));
    }
    return answer;
  }

  /**
   * For a lock that nobody has to leave. Raising the fence of one that is held would refuse its writes for nothing;
   * and so would a login that is not wanted any more, or has it leave, after a newer one was let in.
   */
  async #grantFree(
    { accountId, fence: proven, trace = "" }: Proven,
    isWanted: () => boolean,
  ): Promise<GrantAnswer> {
    let seen: Fence | undefined = proven;
    while (isWanted()) {
      const raised = await this.#deps.accounts.raiseFence(accountId, seen);
      seen = undefined;
      // Another login was let in since the password was checked. While somebody waits for this one it is the newer.
      if (!raised.ok && raised.refusal === "raised-meanwhile") continue;
      // Deleted between the password check and here.
      if (!raised.ok) return refused("wrong-name-or-password");
      if (!isWanted()) break;
      const { sex, fence, lastLoginMs } = raised.value;
      const ids = { loginId1: this.#newLoginId(), loginId2: this.#newLoginId(), sex };
      const applied = await this.#locks.apply(keyOf(accountId), { type: "grant", ...ids, trace, fence });
      if (applied.ok) return accepted({ ticket: { accountId, ...ids }, lastLoginMs });
      // Another login of this account came in between with a newer fence; this one is newer still.
      if (applied.refusal === "stale-fence") continue;
      if (!isWanted()) break;
      return (await this.#evictOwner(accountId)) ?? refused("already-online", heldRetryMs);
    }
    return refused("unavailable");
  }

  async hold(
    ticket: LoginTicket,
    owner: Owner,
  ): Promise<Outcome<{ accountFence: Fence; trace: string }, "not-logged-in" | "held-elsewhere">> {
    const { accountId, loginId1, loginId2, sex } = ticket;
    const applied = await this.#locks.apply(keyOf(accountId), {
      type: "hold",
      owner,
      loginId1,
      loginId2,
      sex,
    });
    if (applied.ok && applied.lock.state === "held") {
      const { fence, trace = "" } = applied.lock;
      return accepted({ accountFence: Fence(fence), trace });
    }
    if (!applied.ok && applied.refusal === "held-elsewhere") return refused("held-elsewhere");
    return refused("not-logged-in");
  }

  /** Releasing what is not held any more is harmless. */
  async release(of: { accountId: AccountId; loginId1: LoginId; owner: Owner }): Promise<void> {
    const { accountId, owner, loginId1 } = of;
    await this.#locks.apply(keyOf(accountId), { type: "release", owner, loginId1 });
    this.#turns.wake(accountId);
  }

  async forfeit(key: string, owner: Owner): Promise<void> {
    await this.#apply(key, { type: "forfeit", owner });
  }

  async expire(key: string): Promise<void> {
    const applied = await this.#apply(key, { type: "expire" });
    if (!applied.ok) return;
    const { before } = applied;
    const trace = "trace" in before ? before.trace : undefined;
    this.#deps.metrics?.count("locksExpired", { kind: "account", state: before.state });
    this.#deps.log.info({ trace, key, was: before.state }, "account lock ran out");
  }

  async #apply(key: string, command: AccountCommand) {
    const applied = await this.#locks.apply(key, command);
    const accountId = Number(key.slice(keyPrefix.length)) as AccountId;
    if (applied.ok) for (const effect of applied.effects) this.#deps.perform(accountId, effect);
    if (applied.ok && applied.lock.state === "free") this.#turns.wake(accountId);
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
