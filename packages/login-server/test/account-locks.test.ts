import { systemClock } from "@sallyport/clock";
import { type AccountStore, createMemoryStores } from "@sallyport/database";
import { type AccountId, type LoginTicket, Unavailable } from "@sallyport/domain";
import {
  type AccountEffect,
  type AccountLock,
  accountLockKey,
  defaultLockTiming,
} from "@sallyport/lock-core";
import { MemoryLockState, MemoryLockStore, readLock } from "@sallyport/lock-store";
import { testHost } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { AccountLocks } from "../src/account-locks.ts";

/* These login-servers share a lock store and a database, but know nothing of each other. */

const alphaLife = { server: "alpha", incarnation: "alpha-1" };
const alpha = { ...alphaLife, earlier: [] };
const beta = { server: "beta", incarnation: "beta-1", earlier: [] };
const somebodyWaits = new AbortController().signal;

let accounts: AccountStore;
let accountId: AccountId;
let state: MemoryLockState;
let nowMs: number;
let told: AccountEffect[];

beforeEach(async () => {
  accounts = createMemoryStores().accounts;
  const credential = {
    salt: new Uint8Array(16),
    storedKey: new Uint8Array(32),
    serverKey: new Uint8Array(32),
    ...{ memoryKib: 8, iterations: 1, parallelism: 1 },
  };
  const made = await accounts.create({ name: "alice", sex: "female", credential });
  if (!made.ok) throw new Error(made.refusal);
  accountId = made.value.accountId;
  state = new MemoryLockState();
  nowMs = 0;
  told = [];
});

function loginServer(
  over: AccountStore = accounts,
  store = new MemoryLockStore({ nowMs: () => nowMs, state }),
): AccountLocks {
  return new AccountLocks(testHost({ clock: systemClock }), {
    store,
    timing: defaultLockTiming,
    accounts: over,
    perform: (_accountId, effect) => told.push(effect),
  });
}

async function grant(locks: AccountLocks) {
  const account = await accounts.findByName("alice");
  if (account === null) throw new Error("alice is gone");
  return locks.grant(account, somebodyWaits, "reject");
}

async function ticketFrom(locks: AccountLocks): Promise<LoginTicket> {
  const granted = await grant(locks);
  if (!granted.ok) throw new Error(granted.refusal);
  return granted.value.ticket;
}

function lock(): AccountLock {
  const stored = state.locks.get(accountLockKey(accountId));
  return stored === undefined
    ? { state: "free" }
    : readLock<AccountLock>(accountLockKey(accountId), stored.value);
}

/** Returns an account store that raises a fence only when the test says so. */
function heldUp() {
  const waiting: (() => void)[] = [];
  const store: AccountStore = {
    ...accounts,
    raiseFence: async (id) => {
      const raised = await accounts.raiseFence(id);
      await new Promise<void>((resolve) => waiting.push(resolve));
      return raised;
    },
  };
  return { store, isWaiting: () => waiting.length > 0, goOn: () => waiting.shift()?.() };
}

async function turns(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1_000 && !condition(); turn += 1) await Promise.resolve();
  expect(condition()).toBe(true);
}

describe("two login-servers that log in one account at once", () => {
  test("leave exactly one valid login, in any order of their steps", async () => {
    const servers = [loginServer(), loginServer()];
    for (let round = 0; round < 50; round += 1) {
      const granted = await Promise.all(Array.from({ length: 6 }, (_, index) => grant(servers[index % 2]!)));
      const tickets = granted.flatMap((answer) => (answer.ok ? [answer.value.ticket] : []));
      const held = await Promise.all(
        tickets.map((ticket, index) => servers[index % 2]!.hold(ticket, index % 3 === 0 ? alpha : beta)),
      );
      expect(held.filter(({ ok }) => ok)).toHaveLength(1);
      const holder = lock();
      if (holder.state !== "held") throw new Error(holder.state);
      await servers[0]!.release({ accountId, loginId1: holder.loginId1 as never, owner: holder.owner });
      expect(lock()).toEqual({ state: "free" });
    }
  });

  test("admit the login that came last, even if the other reaches the lock later", async () => {
    const late = heldUp();
    const [slow, fast] = [loginServer(late.store), loginServer()];
    const overtaken = grant(slow);
    await turns(late.isWaiting);
    const newer = await ticketFrom(fast);
    late.goOn();
    expect(await overtaken).toEqual({ ok: false, refusal: "overtaken" });
    expect(lock()).toMatchObject({ state: "granted", loginId1: newer.loginId1, fence: 2 });
    expect(await fast.hold(newer, alpha)).toMatchObject({ ok: true });
  });

  test("do not take the account from a char-server that got it meanwhile, but ask it to release the account", async () => {
    const late = heldUp();
    const [slow, fast] = [loginServer(late.store), loginServer()];
    const ticket = await ticketFrom(fast);
    const newcomer = grant(slow);
    await turns(late.isWaiting);
    expect(await fast.hold(ticket, alpha)).toMatchObject({ ok: true });
    late.goOn();
    expect(await newcomer).toEqual({
      ok: false,
      refusal: "already-online",
      retryAfterMs: expect.any(Number),
    });
    expect(lock()).toMatchObject({ state: "evicting", loginId1: ticket.loginId1, owner: alphaLife });
    expect(told).toEqual([{ type: "kick", owner: alphaLife, loginId1: ticket.loginId1 }]);
  });
});

describe("two char-servers that are shown the same login ids at once", () => {
  test("do not both get the account", async () => {
    const servers = [loginServer(), loginServer()];
    const ticket = await ticketFrom(servers[0]!);
    const answers = await Promise.all([servers[0]!.hold(ticket, alpha), servers[1]!.hold(ticket, beta)]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answers).toContainEqual({ ok: false, refusal: "held-elsewhere" });
  });
});

describe("a login that finds the account held by a char-server", () => {
  test("does not raise the fence, so that the owner may still write", async () => {
    let raised = 0;
    const counting: AccountStore = {
      ...accounts,
      raiseFence: (id) => {
        raised += 1;
        return accounts.raiseFence(id);
      },
    };
    const locks = loginServer(counting);
    await locks.hold(await ticketFrom(locks), alpha);
    raised = 0;
    expect(await grant(locks)).toMatchObject({ refusal: "already-online" });
    expect(raised).toBe(0);
  });

  test("asks the owner each time, and tells it once when it took too long", async () => {
    const locks = loginServer();
    const { loginId1 } = await (async () => {
      const ticket = await ticketFrom(locks);
      await locks.hold(ticket, alpha);
      return ticket;
    })();
    await grant(locks);
    nowMs += 4_000;
    await grant(locks);
    expect(told.map(({ type }) => type)).toEqual(["kick", "kick"]);
    nowMs += defaultLockTiming.evictMs - 4_001;
    await locks.expire(accountLockKey(accountId));
    expect(lock().state).toBe("evicting");
    nowMs += 1;
    // Two login-servers sweep the same lock.
    await Promise.all([locks, loginServer()].map((each) => each.expire(accountLockKey(accountId))));
    expect(lock()).toEqual({ state: "free" });
    expect(told.slice(2)).toEqual([{ type: "lost", owner: alphaLife, loginId1 }]);
  });
});

test("a late release does not end the next login", async () => {
  const locks = loginServer();
  const first = await ticketFrom(locks);
  await locks.hold(first, alpha);
  await locks.release({ accountId, loginId1: first.loginId1, owner: alpha });
  const second = await ticketFrom(locks);
  await locks.hold(second, alpha);
  await locks.release({ accountId, loginId1: first.loginId1, owner: alpha });
  expect(lock()).toMatchObject({ state: "held", loginId1: second.loginId1 });
});

test("a release is not reported as done if the store does not answer", async () => {
  const locks = loginServer();
  const { loginId1 } = await ticketFrom(locks);
  const away = new MemoryLockStore({ nowMs: () => nowMs, state });
  await away.close();
  const cutOff = loginServer(accounts, away);
  await expect(cutOff.release({ accountId, loginId1, owner: alpha })).rejects.toThrow(Unavailable);
});

test("login ids are never 0, which some clients take for no id", async () => {
  const host = testHost({ clock: systemClock, randomBytes: (count) => new Uint8Array(count) });
  const locks = new AccountLocks(host, {
    store: new MemoryLockStore({ nowMs: () => nowMs, state }),
    timing: defaultLockTiming,
    accounts,
    perform: () => {},
  });
  const { loginId1, loginId2 } = await ticketFrom(locks);
  expect([loginId1, loginId2]).not.toContain(0);
});
