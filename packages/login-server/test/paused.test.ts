import { createMemoryStores } from "@sallyport/database";
import { AccountId, Fence, LoginId } from "@sallyport/domain";
import { accountLockKey, defaultLockTiming, serverLockKey } from "@sallyport/lock-core";
import { type LockStore, MemoryLockState, MemoryLockStore } from "@sallyport/lock-store";
import { ServerRegistry } from "@sallyport/server-kit";
import { ManualClock, settled, testHost } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { AccountLocks } from "../src/account-locks.ts";

/*
 * A login-server is paused while it gives an account to a char-server. Meanwhile, the char-server may come
 * back through another login-server.
 */

const accountId = AccountId(2_000_000);
const timing = defaultLockTiming;

let state: MemoryLockState;
let clock: ManualClock;
/** The number of times that the store lost its locks, and how long they may still be put back. */
let losses: { count: number; graceLeftMs: () => number };
/** The keys that any login-server has read. */
let loaded: string[];
/** The store carries out changes of the account lock when this promise resolves. */
let unpaused: Promise<void>;

/** Creates the locks of a login-server. Its store and its clock agree about the time. */
function loginServer() {
  const memory = new MemoryLockStore({ nowMs: () => clock.nowMs(), state });
  const store: LockStore = {
    losses,
    generationOf: () => memory.generationOf(),
    load: (key) => {
      loaded.push(key);
      return memory.load(key);
    },
    compareAndSet: async (change) => {
      if (change.key === accountLockKey(accountId)) await unpaused;
      return memory.compareAndSet(change);
    },
    due: (limit) => memory.due(limit),
    ownedBy: (...page) => memory.ownedBy(...page),
    close: () => memory.close(),
  };
  const host = testHost({ clock });
  const registry: ServerRegistry = new ServerRegistry(host, {
    store,
    timing,
    forfeit: (key, owner) => locks.forfeit(key, owner),
  });
  const locks = new AccountLocks(host, {
    store,
    timing,
    accounts: createMemoryStores().accounts,
    perform: () => {},
    isCurrent: (owner) => registry.isCurrent(owner),
  });
  return { registry, locks };
}

type At = ReturnType<typeof loginServer>;

async function admit({ registry }: At, cookie: Uint8Array | null = null) {
  const admitted = await registry.admit("alpha", cookie);
  if (!admitted.ok) throw new Error(admitted.refusal);
  return admitted.value;
}

const ticket = { accountId, loginId1: LoginId(11), loginId2: LoginId(12), sex: "female" as const };
const restored = { ...ticket, accountFence: Fence(1), trace: "cafe" };

/** A client has logged in to this account. */
async function grant(): Promise<void> {
  const { accountId: _, ...ids } = ticket;
  const value = JSON.stringify({ state: "granted", ...ids, fence: 1 });
  const change = { key: accountLockKey(accountId), expectedVersion: 0, value, owner: null };
  const store = new MemoryLockStore({ nowMs: () => clock.nowMs(), state });
  await store.compareAndSet({ ...change, deadline: { atMs: 1_000_000 } });
}

const stateOf = (key: string): object | null => JSON.parse(state.locks.get(key)?.value ?? "null");

/** Pauses the changes of the account lock. Returns a function that ends the pause. */
function pause(): () => void {
  let end = (): void => {};
  unpaused = new Promise((resolve) => {
    end = resolve;
  });
  return end;
}

/** The char-server comes back through this login-server and reclaims nothing. */
async function comeBack(at: At, cookie: Uint8Array): Promise<void> {
  const { admittedServer } = await admit(at, cookie);
  await at.registry.reclaimed(admittedServer);
}

beforeEach(() => {
  state = new MemoryLockState();
  clock = new ManualClock();
  losses = { count: 0, graceLeftMs: () => 0 };
  loaded = [];
  unpaused = Promise.resolve();
});

describe("an account that a login-server gives to a char-server", () => {
  test("is free again if the char-server came back elsewhere during a pause", async () => {
    await grant();
    const [paused, other] = [loginServer(), loginServer()];
    const { admittedServer, cookie } = await admit(paused);
    const wake = pause();
    const holding = paused.locks.hold(ticket, admittedServer);
    await settled();
    clock.standStill(timing.leaseMs);
    await comeBack(other, cookie);
    wake();
    expect(await holding).toMatchObject({ refusal: "unavailable" });
    expect(stateOf(accountLockKey(accountId))).toBeNull();
  });

  test("is free again if the char-server lost its link and came back elsewhere before the change", async () => {
    await grant();
    const [slow, other] = [loginServer(), loginServer()];
    const { admittedServer, cookie } = await admit(slow);
    const goOn = pause();
    const holding = slow.locks.hold(ticket, admittedServer);
    await slow.registry.disconnect(admittedServer);
    await comeBack(other, cookie);
    goOn();
    expect(await holding).toMatchObject({ refusal: "unavailable" });
    expect(stateOf(accountLockKey(accountId))).toBeNull();
  });

  test("is free again if it was put back after the char-server came back elsewhere", async () => {
    losses = { count: 1, graceLeftMs: () => 60_000 };
    const [paused, other] = [loginServer(), loginServer()];
    const { admittedServer, cookie } = await admit(paused);
    const wake = pause();
    const reclaiming = paused.locks.reclaim([restored], admittedServer);
    await settled();
    clock.standStill(timing.leaseMs);
    await comeBack(other, cookie);
    wake();
    expect(await reclaiming).toEqual([accountId]);
    expect(stateOf(accountLockKey(accountId))).toBeNull();
  });

  test("stays with the char-server if it is still linked after a pause, or may still come back", async () => {
    for (const isLinked of [true, false]) {
      state.locks.clear();
      await grant();
      const paused = loginServer();
      const { admittedServer } = await admit(paused);
      const wake = pause();
      const holding = paused.locks.hold(ticket, admittedServer);
      await settled();
      clock.standStill(timing.leaseMs);
      if (!isLinked) await loginServer().registry.expire(serverLockKey("alpha"));
      expect(stateOf(serverLockKey("alpha"))).toMatchObject({ state: isLinked ? "connected" : "away" });
      wake();
      expect(await holding).toMatchObject({ ok: true });
      expect(stateOf(accountLockKey(accountId))).toMatchObject({ state: "held" });
    }
  });

  test("costs no look at the server lock while its lease lasts, counted from the last renewal", async () => {
    const at = loginServer();
    const { admittedServer } = await admit(at);
    clock.standStill(timing.leaseMs - 1);
    expect(await at.registry.renew(admittedServer)).toBe(true);
    clock.standStill(timing.leaseMs - 1);
    await grant();
    loaded = [];
    expect(await at.locks.hold(ticket, admittedServer)).toMatchObject({ ok: true });
    expect(loaded).not.toContain(serverLockKey("alpha"));
  });
});
