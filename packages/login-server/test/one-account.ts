import { type AccountStore, createMemoryStores } from "@sallyport/database";
import type { AccountId, LoginTicket } from "@sallyport/domain";
import {
  type AccountEffect,
  type AccountLock,
  accountLockKey,
  defaultLockTiming,
} from "@sallyport/lock-core";
import { type LockStore, MemoryLockState, MemoryLockStore, readLock } from "@sallyport/lock-store";
import { ManualClock, testHost } from "@sallyport/testkit";
import { AccountLocks, type SecondLogin } from "../src/account-locks.ts";

export type Answer = Awaited<ReturnType<AccountLocks["grant"]>>;

const stays: AbortSignal = new AbortController().signal;

/** Has one account, and login-servers that share its stores but send each other nothing. */
export class OneAccount {
  readonly clock = new ManualClock();
  readonly accounts: AccountStore;
  readonly accountId: AccountId;
  readonly told: AccountEffect[] = [];
  readonly #state = new MemoryLockState();

  private constructor(accounts: AccountStore, accountId: AccountId) {
    this.accounts = accounts;
    this.accountId = accountId;
  }

  /** `now` returns milliseconds since 1970. */
  static async create(now: () => number = () => 0): Promise<OneAccount> {
    const { accounts } = createMemoryStores({ now });
    const keys = { salt: new Uint8Array(16), storedKey: new Uint8Array(32), serverKey: new Uint8Array(32) };
    const credential = { ...keys, memoryKib: 8, iterations: 1, parallelism: 1 };
    const made = await accounts.create({ name: "alice", sex: "female", credential });
    if (!made.ok) throw new Error(made.refusal);
    return new OneAccount(accounts, made.value.accountId);
  }

  /** Creates a login-server. `around` may wrap its lock store. */
  loginServer(
    accounts: AccountStore = this.accounts,
    around: (store: LockStore) => LockStore = (store) => store,
  ): AccountLocks {
    return new AccountLocks(testHost({ clock: this.clock }), {
      store: around(new MemoryLockStore({ nowMs: () => this.clock.nowMs(), state: this.#state })),
      timing: defaultLockTiming,
      accounts,
      perform: (_accountId, effect) => this.told.push(effect),
    });
  }

  loginServers(count: number): AccountLocks[] {
    return Array.from({ length: count }, () => this.loginServer());
  }

  async logIn(
    at: AccountLocks,
    gone: AbortSignal = stays,
    policy: SecondLogin = "takeover",
  ): Promise<Answer> {
    const account = await this.accounts.findByName("alice");
    if (account === null) throw new Error("alice is gone");
    return at.grant(account, gone, policy);
  }

  /** Logs in at this login-server, and makes a char-server hold the account. */
  async hold(at: AccountLocks, server = "alpha"): Promise<LoginTicket> {
    const ticket = ticketOf(await this.logIn(at));
    const held = await at.hold(ticket, { server, incarnation: `${server}-1`, earlier: [] });
    if (!held.ok) throw new Error(held.refusal);
    return ticket;
  }

  /** Releases the account like the char-server that holds it. */
  async release(at: AccountLocks): Promise<void> {
    const lock = this.lock();
    if (!("owner" in lock)) return;
    await at.release({ accountId: this.accountId, loginId1: lock.loginId1 as never, owner: lock.owner });
  }

  lock(): AccountLock {
    const stored = this.#state.locks.get(accountLockKey(this.accountId));
    return stored === undefined
      ? { state: "free" }
      : readLock<AccountLock>(accountLockKey(this.accountId), stored.value);
  }
}

export function ticketOf(answer: Answer): LoginTicket {
  if (!answer.ok) throw new Error(answer.refusal);
  return answer.value.ticket;
}

export const wordOf = (answer: Answer): string => (answer.ok ? "let in" : answer.refusal);
