import {
  type AccountId,
  accepted,
  Fence,
  type Kick,
  type KickReason,
  kickFor,
  LoginId,
  type LoginTicket,
  type Outcome,
} from "@sallyport/domain";
import {
  type AccountOwnerEvent,
  type AccountOwnerRefusal,
  type CharacterLock,
  decideAccount,
  type GrantedAccount,
  type LoginHere,
  mayHold,
  ownerIn,
  owns,
} from "@sallyport/lock-core";
import { type Host, orUnavailable } from "@sallyport/server-kit";
import { type AccountOwnersDeps, accountEffects, type Login, ticketFrom, whose } from "./account-effects.ts";
import { AccountVisits, type Entry, type Visitor } from "./account-visits.ts";
import type { Account, AccountsHere } from "./login-link.ts";

/** A stay is one attempt of a client to enter. A client that was refused can try again. */
export interface Stay extends Login {
  readonly visit: number;
  /** Settles when the client is allowed to choose, is refused, or has left. */
  readonly entered: Promise<Entry>;
}

/** A visit reports these events about its client. */
type StayEvent = Extract<
  AccountOwnerEvent["type"],
  "choice" | "hand-over" | "handed-over" | "declined" | "disowned" | "gone"
>;

/**
 * Knows the accounts that are here, and their clients. The rules are in `accountOwnerTable`. This class
 * passes the events to the table, has the effects carried out, and keeps the states.
 */
export class AccountOwners implements AccountsHere {
  readonly #host: Host;
  readonly #deps: AccountOwnersDeps;
  readonly #perform;
  readonly #accounts = new Map<AccountId, readonly LoginHere[]>();
  readonly #visits = new AccountVisits();
  /** Clients that wait because their login is busy, for each account in the order in which they came. */
  readonly #waiting = new Map<AccountId, readonly (() => AccountOwnerRefusal | null | undefined)[]>();
  /** This server still has to read the character locks of these logins. */
  readonly #looks = new Map<string, Login>();
  #lastNumber = 0;
  #isLooking = false;
  #wasRestoring = false;
  /**
   * False until this process knows which account locks are held here. An earlier process may have held some.
   */
  #isKnown = false;

  constructor(host: Host, deps: AccountOwnersDeps) {
    this.#host = host;
    this.#deps = deps;
    this.#perform = accountEffects(host, deps, {
      visits: this.#visits,
      tell: (of, event) => void this.#feed(of, event),
      look: (of) => this.#look(of),
      traceOf: (accountId) => this.traceOf(accountId),
      fenceOf: (of) => this.#fenceOf(of),
    });
  }

  come(ticket: LoginTicket, visitor: Visitor): Stay {
    this.#lastNumber += 1;
    const visit = this.#lastNumber;
    const { accountId, loginId1, loginId2, sex } = ticket;
    const ids = { loginId1, loginId2, sex };
    const entered = this.#visits.begin(visit, visitor);
    const come = () =>
      this.#visits.visitorOf(visit) && this.#feed(ticket, { type: "come", visit, ids }).refusal;
    if (come() === "busy") this.#waiting.set(accountId, [...(this.#waiting.get(accountId) ?? []), come]);
    return { accountId, loginId1, visit, entered };
  }

  tell(stay: Stay, type: StayEvent): void {
    const { visit } = stay;
    if (type === "gone") this.#visits.gone(visit);
    this.#feed(stay, { type, visit });
  }

  /** Returns true if a login of the account is entering, or has or may have the account lock. */
  isHere(accountId: AccountId): boolean {
    return this.#accounts.has(accountId);
  }

  /** Returns true if the client is allowed to choose, or if its choice is being carried out. */
  isAtSelect(stay: Stay, state?: "choosing" | "handed-over"): boolean {
    const owner = this.#ownerOf(stay);
    return (
      (owner.state === "choosing" || owner.state === "handed-over") &&
      owner.visit === stay.visit &&
      (state ?? owner.state) === owner.state
    );
  }

  /** Call this when the login-server wants the account and the login has no character lock here. */
  kick(login: Login, kick: Kick): void {
    this.#feed(login, { type: "kick", reason: kick.reason }, { kick });
  }

  kickClient(login: Login, kick: Kick): void {
    this.#feed(login, { type: "kick-client", reason: kick.reason }, { kick });
  }

  /**
   * Call this when the login's character lock became free. The promise resolves when the account is released.
   */
  async freed(login: Login): Promise<void> {
    await this.#feed(login, { type: "freed" }).done;
  }

  /** Call this if the outcome of a change to the account's character lock is unknown. */
  doubted(accountId: AccountId): void {
    for (const { loginId1 } of this.#accounts.get(accountId) ?? [])
      this.#feed({ accountId, loginId1: LoginId(loginId1) }, { type: "doubted" });
  }

  reclaimed({ accountId, ...account }: Account): void {
    this.#feed({ accountId, loginId1: account.loginId1 }, { type: "reclaimed", account });
  }

  lost(login: Login, reason: KickReason): void {
    this.#feed(login, { type: "lost", reason });
  }

  /** After this call, a login that is not here has no account lock. */
  known(): void {
    this.#isKnown = true;
  }

  /** True: no account lock is held here, not even by an earlier process, and this is certain. */
  get holdsNone(): boolean {
    return this.#isKnown && this.#accounts.size === 0;
  }

  get logins(): AccountsHere["logins"] {
    return [...this.#accounts].flatMap(([accountId, logins]) =>
      logins.flatMap(({ loginId1, owner }) => {
        if (!("account" in owner) || (owner.state === "asking" && !owner.mayHold)) return [];
        const account = owner.account && accountFrom(accountId, owner.account);
        return [{ accountId, loginId1: LoginId(loginId1), account }];
      }),
    );
  }

  /** Returns the accounts that `isMeant` picks and whose locks are held here. */
  owned(isMeant: (accountId: AccountId) => boolean): readonly Account[] {
    return [...this.#accounts].flatMap(([accountId, logins]) =>
      isMeant(accountId)
        ? logins.flatMap(({ owner }) =>
            owns(owner) && "account" in owner && owner.account !== null
              ? [accountFrom(accountId, owner.account)]
              : [],
          )
        : [],
    );
  }

  /** These logins have a client at character select. */
  get atSelect(): readonly Login[] {
    return [...this.#accounts].flatMap(([accountId, logins]) =>
      logins.flatMap(({ loginId1, owner: { state } }) =>
        state === "choosing" || state === "handed-over" ? [{ accountId, loginId1: LoginId(loginId1) }] : [],
      ),
    );
  }

  /**
   * Returns true if the login holds the account here and is not releasing it. Also returns true as long as
   * this process does not know which account locks are held here.
   */
  mayHold(accountId: AccountId, loginId1: LoginId): boolean {
    return !this.#isKnown || mayHold(this.#ownerOf({ accountId, loginId1 }));
  }

  traceOf(accountId: AccountId): string | undefined {
    const owners = (this.#accounts.get(accountId) ?? []).map(({ owner }) => owner);
    const [account] = owners.flatMap((owner) => ("account" in owner ? (owner.account ?? []) : []));
    return account?.trace;
  }

  /**
   * Returns the logins whose client or player is still here. `unavailable`: the lock store did not answer.
   */
  stillHere(logins: readonly LoginTicket[]): Promise<Outcome<readonly LoginTicket[], "unavailable">> {
    const { locks } = this.#deps;
    return orUnavailable(this.#host.log, async () => {
      const isHere = await Promise.all(
        logins.map(async (login) => {
          // A client that is entering has the account lock, but not yet the character lock.
          if (onItsWay.includes(this.#ownerOf(login).state)) return true;
          const lock = await locks.read(login.accountId);
          if (lock.state !== "free") return lock.loginId1 === login.loginId1;
          // While locks are restored, the map-server that has the character may not have reported it yet.
          return locks.isRestoring && mayHold(this.#ownerOf(login));
        }),
      );
      return accepted(logins.filter((_, index) => isHere[index]));
    });
  }

  /**
   * While locks are restored, reclaims the account locks of logins whose characters are here, but whose
   * accounts this process does not know. An earlier process held these locks, and the login-server may have
   * lost them too. Returns the accounts that are not held here.
   */
  async claim(accounts: readonly Account[]): Promise<Outcome<readonly AccountId[], "unavailable">> {
    if (!this.#deps.locks.isRestoring) return accepted([]);
    const unclaimed = accounts.filter((account) => {
      const owner = this.#ownerOf(account);
      return owner.state !== "releasing" && !mayHold(owner);
    });
    if (unclaimed.length === 0) return accepted([]);
    const claimed = await this.#deps.login.claim(unclaimed);
    if (!claimed.ok) return claimed;
    for (const account of unclaimed) if (!claimed.value.includes(account.accountId)) this.reclaimed(account);
    return claimed;
  }

  /** Kicks all clients at character select. */
  kickAll(reason: KickReason): void {
    for (const login of this.atSelect) this.kickClient(login, kickFor(reason));
  }

  /** Call this when the server has lost all its account locks. */
  lostAll(reason: KickReason): void {
    this.known();
    for (const login of this.logins) this.lost(login, reason);
  }

  /**
   * Renews the deadline of each client's lock at character select. If this server dies, the deadline frees
   * the lock.
   */
  renew(): void {
    const { locks, self } = this.#deps;
    for (const login of this.atSelect) {
      const { isRestoring } = locks;
      this.#background(async () => {
        const { lock } = await locks.apply(login.accountId, { type: "renew", owner: self });
        this.#saw(login, lock, isRestoring);
      });
    }
  }

  /**
   * Reads the character locks of the logins that are in doubt. An account lock has no deadline while it is
   * held, so nothing else would free it. Does nothing while locks are restored.
   */
  async settle(): Promise<void> {
    const { locks, login } = this.#deps;
    if (locks.isRestoring) {
      this.#wasRestoring = true;
      return;
    }
    // A lock that looked free while locks were restored is really free now.
    if (this.#wasRestoring) for (const { accountId } of this.logins) this.doubted(accountId);
    this.#wasRestoring = false;
    if (this.#isLooking || !login.isUp) return;
    this.#isLooking = true;
    try {
      for (const [key, of] of [...this.#looks]) {
        this.#looks.delete(key);
        if (this.#ownerOf(of).state === "absent") continue;
        await locks.read(of.accountId).then(
          (lock) => this.#saw(of, lock),
          (error: unknown) => {
            this.#look(of);
            throw error;
          },
        );
      }
    } finally {
      this.#isLooking = false;
    }
  }

  #fenceOf(of: Login): Fence | null {
    const owner = this.#ownerOf(of);
    return "account" in owner && owner.account !== null ? Fence(owner.account.accountFence) : null;
  }

  #ownerOf({ accountId, loginId1 }: Login) {
    return ownerIn(this.#accounts.get(accountId) ?? [], loginId1);
  }

  /**
   * `done` resolves when the effects are carried out. `wasRestoring`: locks were being restored when the
   * event was caused. `kick`: what a client is told that has to leave because of this event.
   */
  #feed(
    login: Login,
    event: AccountOwnerEvent,
    { wasRestoring = false, kick }: { readonly wasRestoring?: boolean; readonly kick?: Kick } = {},
  ): { readonly refusal: AccountOwnerRefusal | null; readonly done: Promise<unknown> } {
    const { accountId, loginId1 } = login;
    const { locks, login: link } = this.#deps;
    this.#lastNumber += 1;
    const at = {
      isRestoring: wasRestoring || locks.isRestoring,
      isLinked: link.isUp,
      request: this.#lastNumber,
    };
    const before = this.#accounts.get(accountId) ?? [];
    const { logins, effects, refusal } = decideAccount(before, { loginId1, event }, at);
    if (logins.length === 0) this.#accounts.delete(accountId);
    else this.#accounts.set(accountId, logins);
    const done = Promise.all(
      effects.map((effect) => this.#perform({ accountId, loginId1: LoginId(effect.loginId1) }, effect, kick)),
    );
    done.catch(this.#host.failed);
    const waiting = this.#waiting.get(accountId);
    if (waiting !== undefined && event.type !== "come") {
      const stillBusy = waiting.filter((come) => come() === "busy");
      if (stillBusy.length > 0) this.#waiting.set(accountId, stillBusy);
      else this.#waiting.delete(accountId);
    }
    return { refusal, done };
  }

  #look(of: Login): void {
    this.#looks.set(`${of.accountId} ${of.loginId1}`, of);
  }

  #saw(of: Login, lock: CharacterLock, wasRestoring = false): void {
    this.#feed(of, { type: "seen", lock: whose(lock, of) }, { wasRestoring });
  }

  /** The store may not answer. Then the lock ends at its deadline, or this server reads the lock later. */
  #background(work: () => Promise<unknown>): void {
    orUnavailable(this.#host.log, work).catch(this.#host.failed);
  }
}

const onItsWay: readonly string[] = ["asking", "entering", "choosing", "handed-over"];

const accountFrom = (accountId: AccountId, account: GrantedAccount): Account => ({
  ...ticketFrom(accountId, account),
  accountFence: Fence(account.accountFence),
  trace: account.trace,
});
