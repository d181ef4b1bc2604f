import type { Account } from "@sallyport/authentication";
import { reclaimMax } from "@sallyport/cluster-protocol";
import type { AccountStore, Trail } from "@sallyport/database";
import {
  type AccountId,
  accepted,
  Fence,
  type Kick,
  kickFor,
  kickText,
  LoginId,
  type LoginTicket,
  type Outcome,
  type Refused,
  refused,
} from "@sallyport/domain";
import {
  type AccountCommand,
  type AccountEffect,
  accountLockCore,
  accountLockKey,
  accountReassertion,
  type Claimant,
  type LockTiming,
  type Owner,
} from "@sallyport/lock-core";
import { accountOfKey, type LockStore, locksByAccount, nullIfUnreadable } from "@sallyport/lock-store";
import { type Host, orUnavailable, unavailable, waits } from "@sallyport/server-kit";
import { type HeldAccount, noPlace, type OwnedPage, placeOf, readPlace } from "./held-accounts.ts";
import { LoginRecords, type Recorded, unlessLost } from "./login-records.ts";
import { type Turn, Turns } from "./turns.ts";

/**
 * A refused login should try again after this pause. The owner of the account was asked to leave just before
 * the refusal.
 */
const heldRetryMs = 500;
/**
 * A waiting login reads the lock at this interval. A release on this server wakes the login at once, but a
 * release on another login-server does not.
 */
const lookEveryMs = 250;

/** As many bytes as a login of a client has. */
const traceBytes = 6;

/** An operator does not disconnect. */
const nobodyLeaves = new AbortController().signal;

export interface AccountLocksDeps {
  readonly store: LockStore;
  readonly timing: LockTiming;
  readonly accounts: AccountStore;
  readonly trail?: Pick<Trail, "note">;
  /** Sends a message about the effect to the owner of the account. */
  readonly perform: (accountId: AccountId, effect: AccountEffect) => void;
}

/** The policy for a login whose account is held: refuse it, or admit it once the older client has left. */
export type SecondLogin = "reject" | "takeover";

/** The password of this account was proven. `fence` was read before the proof. */
type Proven = Pick<Account, "accountId" | "fence"> & {
  readonly trace?: string;
  /** Of the client: see `Client.address`. */
  readonly address?: string;
};

/** This login has raised the fence. The newer of two logins has the higher fence. */
type Raised = Proven &
  Pick<Account, "sex"> & {
    readonly lastLoginMs: number | null;
    /** True: no person logs in, so the login is not recorded. */
    readonly isOfOperator?: boolean;
  };

interface Waiting {
  readonly gone: AbortSignal;
  readonly policy: SecondLogin;
  readonly turn: Turn;
  /** The owner was asked to leave at this time. Null: the owner has not been asked yet. */
  readonly kickedMs: number | null;
}

type TurnAnswer = Outcome<Granted, "already-online" | "overtaken" | "unavailable" | "banned">;
type GrantAnswer = TurnAnswer | Refused<"wrong-name-or-password">;

export interface Granted {
  readonly ticket: LoginTicket;
  readonly lastLoginMs: number | null;
  /** The login raised the fence of the account to this. */
  readonly fence: Fence;
}

export class AccountLocks {
  readonly #host: Host;
  readonly #deps: AccountLocksDeps;
  readonly #turns = new Turns();
  readonly #records: LoginRecords;
  readonly #locks;

  constructor(host: Host, deps: AccountLocksDeps) {
    this.#host = host;
    this.#deps = deps;
    const { store, timing, accounts, perform } = deps;
    this.#records = new LoginRecords(host, accounts);
    const [core, reassertion] = [accountLockCore(timing), accountReassertion(timing)];
    this.#locks = locksByAccount({ store, keyOf: accountLockKey, core, reassertion, perform });
  }

  /**
   * Grants the account lock to a client that proved its password. If a char-server owns the account, that
   * char-server is asked to disconnect its client. With `reject`, the new login is then refused. With
   * `takeover`, the new login waits, within a bound, until the lock is free. The newest login wins, on any
   * login-server: every login raises the fence, and a login whose fence is no longer the newest is overtaken.
   * `gone` aborts when the client no longer waits for an answer. `gone` is checked before every step, so that
   * no owner is evicted for a client that has disconnected.
   */
  async grant(account: Proven, gone: AbortSignal, policy: SecondLogin): Promise<GrantAnswer> {
    const { accountId, fence: proven } = account;
    if (gone.aborted) return refused("unavailable");
    const notYet = this.#untilKnown();
    if (notYet !== null) return notYet;
    // Ask the owner to leave before the fence is raised. Once the fence is raised, the owner's client can no
    // longer choose or create a character. So the owner must already know that the client has to leave.
    const mayBeAsked = policy === "reject" || !this.#turns.has(accountId);
    const isAsked = mayBeAsked && (await this.#evictOwner(accountId, proven));
    if (policy === "reject" && isAsked) return comeAgain();
    if (gone.aborted) return refused("unavailable");
    const raised = await this.#raise(account, gone);
    if (raised === null) return unavailable();
    if (!raised.ok && raised.refusal === "banned") return { ...raised, refusal: raised.refusal };
    // After the password check, the account was deleted or got another password.
    if (!raised.ok) return refused("wrong-name-or-password");
    const turn = this.#turns.take(accountId, raised.value.fence);
    const wake = (): void => turn.wake();
    gone.addEventListener("abort", wake);
    try {
      const kickedMs = isAsked ? this.#host.clock.nowMs() : null;
      const login = { ...account, ...raised.value };
      return await this.#grantInTurn(login, { gone, policy, turn, kickedMs });
    } finally {
      gone.removeEventListener("abort", wake);
      turn.end();
    }
  }

  /**
   * Grants the account lock for a change of an operator. The present owner leaves first, whatever its fence.
   * A login that comes later overtakes the operator, because the newest login wins.
   */
  async operate(
    accountId: AccountId,
  ): Promise<Outcome<LoginTicket, "no-such-account" | "overtaken" | "already-online" | "unavailable">> {
    const notYet = this.#untilKnown();
    if (notYet !== null) return notYet;
    const { ok: isAsked } = await this.putOut(accountId, kickFor("kicked"));
    // An operator may also change what belongs to a banned account.
    const raised = await this.#deps.accounts.raiseFence(accountId, undefined, { evenIfBanned: true });
    if (!raised.ok) return refused("no-such-account");
    const turn = this.#turns.take(accountId, raised.value.fence);
    const login = { accountId, ...raised.value, trace: this.#newTrace(), isOfOperator: true };
    const kickedMs = isAsked ? this.#host.clock.nowMs() : null;
    try {
      const granted = await this.#grantInTurn(login, {
        gone: nobodyLeaves,
        policy: "takeover",
        turn,
        kickedMs,
      });
      if (granted.ok) return accepted(granted.value.ticket);
      const { refusal } = granted;
      return refusal === "banned" ? unavailable() : { ...granted, refusal };
    } finally {
      turn.end();
    }
  }

  /**
   * Raises the fence if it still has the value that was read with the password. So a delayed statement takes
   * nothing from a newer login. If a different login has raised the fence since that read, raises the fence
   * again, unless a new password was set or the client has left. Returns null if the client has left.
   */
  async #raise({ accountId, fence }: Proven, gone: AbortSignal) {
    const { accounts } = this.#deps;
    // The answer to this login contains the time of the last login that was granted here. So that login must
    // be recorded first.
    await this.#records.settled(accountId);
    if (gone.aborted) return null;
    const raised = await accounts.raiseFence(accountId, fence);
    if (raised.ok || raised.refusal !== "raised-meanwhile") return raised;
    return gone.aborted ? null : accounts.raiseFence(accountId, undefined, { provenAt: fence });
  }

  async #grantInTurn(login: Raised, { gone, policy, turn, kickedMs }: Waiting): Promise<TurnAnswer> {
    const { clock } = this.#host;
    const { timing } = this.#deps;
    const { accountId, fence, sex, lastLoginMs, trace = "", address, isOfOperator = false } = login;
    const ids = { loginId1: this.#newLoginId(), loginId2: this.#newLoginId(), sex };
    const untilMs = clock.nowMs() + timing.evictMs + waits.sweepMs;
    let hasWaited = false;
    for (let kickMs = kickedMs ?? Number.NEGATIVE_INFINITY; clock.nowMs() < untilMs; ) {
      if (turn.isOvertaken) return refused("overtaken");
      if (gone.aborted) return refused("unavailable");
      // Check just before the lock is read. If the store loses its locks only after this check, the store
      // itself refuses the change.
      const notYet = this.#untilKnown();
      if (notYet !== null) return notYet;
      const applied = await this.#locks.apply(accountId, {
        type: "grant",
        ...ids,
        trace,
        fence,
      });
      if (applied.ok) {
        if (turn.isOvertaken) return refused("overtaken");
        if (gone.aborted) return refused("unavailable");
        // Record the login only now that the lock is granted, and only if the client still waits.
        const recorded = isOfOperator ? null : this.#recorded({ accountId, fence, address });
        const granted = accepted({ ticket: { accountId, ...ids }, lastLoginMs, fence });
        return hasWaited && recorded !== null ? unlessLost(await recorded, granted) : granted;
      }
      if ("fence" in applied.lock && applied.lock.fence > fence) return refused("overtaken");
      if (clock.nowMs() - kickMs >= waits.kickMs) {
        if (gone.aborted) return refused("unavailable");
        kickMs = clock.nowMs();
        const isAsked = await this.#evictOwner(accountId, fence);
        if (policy === "reject") return comeAgain();
        if (!isAsked) continue;
      }
      hasWaited = true;
      await turn.pause(clock, lookEveryMs);
    }
    return comeAgain();
  }

  /**
   * Ends the logins of the account: its client is told why, saved, and disconnected within the evict timer,
   * on whichever server it is. `upTo` is the newest login that ends; without it, every login does. A client
   * that was told its login ids but has not shown them at a char-server loses them. Refused with `not-held`
   * if nobody has the account, and with `stale-fence` if only a newer login has it.
   */
  async putOut(
    accountId: AccountId,
    { reason, untilMs, text }: Kick,
    upTo?: Fence,
  ): Promise<Outcome<Record<never, never>, "not-held" | "stale-fence">> {
    const fence = upTo ?? Number.MAX_SAFE_INTEGER;
    const told = { reason, untilMs, text: text && kickText(text) };
    const applied = await this.#apply(accountId, { type: "put-out", fence, told });
    if (applied.ok) this.#deps.trail?.note({ what: "put-out", accountId, why: reason });
    if (applied.ok) return accepted({});
    return refused(applied.refusal === "stale-fence" ? applied.refusal : "not-held");
  }

  /** If the account was banned after its fence was raised, the login that was just granted ends. */
  #recorded(login: Parameters<LoginRecords["add"]>[0]): Promise<Recorded> {
    const { accountId, fence } = login;
    const recorded = this.#records.add(login);
    const putOutIfBanned = async () => {
      const answer = await recorded;
      if (answer.ok || answer.refusal !== "banned") return accepted({});
      const { retryAfterMs, detail: text = null } = answer;
      const untilMs = retryAfterMs === undefined ? null : Math.ceil(this.#host.wallMs() + retryAfterMs);
      return this.putOut(accountId, { reason: "banned", untilMs, text }, fence);
    };
    orUnavailable<Outcome<unknown, string>>(this.#host.log, putOutIfBanned).catch(this.#host.failed);
    return recorded;
  }

  async hold(
    ticket: LoginTicket,
    owner: Claimant,
  ): Promise<
    Outcome<{ accountFence: Fence; trace: string }, "not-logged-in" | "held-elsewhere" | "unavailable">
  > {
    const { accountId, loginId1, loginId2, sex } = ticket;
    const applied = await this.#locks.apply(accountId, {
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
    return (applied.lock.state === "free" && this.#untilKnown()) || refused("not-logged-in");
  }

  /** Returns the accounts that earlier incarnations of a char-server own, one page at a time. */
  async ownedBefore({ earlier }: Claimant, after: string | null): Promise<OwnedPage> {
    const [nth, cursor] = after === null ? [0, null] : readPlace(after);
    const incarnation = earlier[nth];
    if (incarnation === undefined) return { accounts: [], next: null };
    const page = await this.#deps.store.ownedBy(incarnation, cursor, reclaimMax).catch((error: unknown) => {
      throw cursor !== null && error instanceof RangeError ? noPlace() : error;
    });
    // A lock that cannot be read cannot be reclaimed either.
    const locks = await Promise.all(
      page.keys.map((key) => this.#locks.read(accountOfKey(key)).catch(nullIfUnreadable)),
    );
    const accounts = page.keys.flatMap((key, index) => {
      const lock = locks[index];
      if (!lock || !("owner" in lock) || lock.owner.incarnation !== incarnation) return [];
      const { loginId1, loginId2, sex, fence, trace = "" } = lock;
      const ids = { loginId1: LoginId(loginId1), loginId2: LoginId(loginId2), sex };
      return [{ accountId: accountOfKey(key), ...ids, accountFence: Fence(fence), trace }];
    });
    const isLast = page.next === null && nth + 1 >= earlier.length;
    return { accounts, next: isLast ? null : placeOf(page.next === null ? nth + 1 : nth, page.next) };
  }

  /** Returns the accounts that the char-server no longer owns. */
  async reclaim(accounts: readonly HeldAccount[], owner: Claimant): Promise<readonly AccountId[]> {
    const isLost = this.#untilKnown() !== null;
    const owned = await Promise.all(
      accounts.map(({ accountId, accountFence, ...ids }) => {
        const owning = isLost
          ? this.#locks.putBack(accountId, { ...ids, fence: accountFence, owner })
          : this.#apply(accountId, { type: "reclaim", owner, ...ids });
        return owning.catch(nullIfUnreadable);
      }),
    );
    return accounts.filter((_, index) => !owned[index]?.ok).map(({ accountId }) => accountId);
  }

  /**
   * Returns a refusal while the store has lost its locks: until the char-servers have reported their locks, a
   * lock that looks free may be held. Returns null when the locks are known.
   */
  #untilKnown() {
    const leftMs = this.#deps.store.losses.graceLeftMs();
    return leftMs > 0 ? refused("unavailable", leftMs) : null;
  }

  /** It is harmless to release an account that is no longer held. */
  async release(of: { accountId: AccountId; loginId1: LoginId; owner: Owner }): Promise<void> {
    const { accountId, owner, loginId1 } = of;
    await this.#locks.apply(accountId, { type: "release", owner, loginId1 });
    this.#turns.wake(accountId);
  }

  async forfeit(key: string, owner: Owner): Promise<void> {
    await this.#apply(accountOfKey(key), { type: "forfeit", owner });
  }

  async expire(key: string): Promise<void> {
    const applied = await this.#apply(accountOfKey(key), { type: "expire" });
    if (!applied.ok) return;
    const { before } = applied;
    const trace = "trace" in before ? before.trace : undefined;
    this.#host.metrics.count("locksExpired", { kind: "account", state: before.state });
    this.#host.log.info({ trace, key, was: before.state }, "account lock expired");
  }

  async #apply(accountId: AccountId, command: AccountCommand) {
    const applied = await this.#locks.apply(accountId, command);
    if (applied.ok && applied.lock.state === "free") this.#turns.wake(accountId);
    return applied;
  }

  /** Resolves when the granted logins are recorded. */
  stop(): Promise<void> {
    return this.#records.stop();
  }

  /** Returns false if no login with an older fence has the account. Then no client has to leave first. */
  async #evictOwner(accountId: AccountId, fence: Fence): Promise<boolean> {
    return (await this.#apply(accountId, { type: "evict", fence })).ok;
  }

  #newTrace(): string {
    return Buffer.from(this.#host.randomBytes(traceBytes)).toString("hex");
  }

  /** The id is never 0, because some clients read 0 as "none". */
  #newLoginId(): LoginId {
    const bytes = this.#host.randomBytes(4);
    return LoginId(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) || 1);
  }
}

const comeAgain = () => refused("already-online", heldRetryMs);
