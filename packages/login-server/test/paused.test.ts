import { createMemoryStores } from "@sallyport/database";
import { AccountId, Fence, LoginId, Unavailable } from "@sallyport/domain";
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
const accountKey = accountLockKey(accountId);
const serverKey = serverLockKey("alpha");
const timing = defaultLockTiming;

let state: MemoryLockState;
let clock: ManualClock;
/** The number of times that the store lost its locks, and how long they may still be put back. */
let losses: { count: number; graceLeftMs: () => number };
/** The keys that any login-server has read. */
let loaded: string[];
/** The store carries out changes of such a lock when its promise resolves. The key is the key of the lock. */
let unpaused: Map<string, Promise<void>>;
/** The store does not answer about the lock with this key. `isChanged`: it makes changes nevertheless. */
let silence: { readonly key: string; readonly isChanged: boolean } | null;

/** Creates the locks of a login-server. Its store and its clock agree about the time. */
function loginServer() {
  const memory = new MemoryLockStore({ nowMs: () => clock.nowMs(), state });
  const store: LockStore = {
    losses,
    generationOf: () => memory.generationOf(),
    load: async (key) => {
      loaded.push(key);
      if (silence?.key === key) throw new Unavailable("no answer");
      return memory.load(key);
    },
    compareAndSet: async (change) => {
      await unpaused.get(change.key);
      if (silence?.key !== change.key) return memory.compareAndSet(change);
      if (silence.isChanged) await memory.compareAndSet(change);
      throw new Unavailable("no answer");
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
  });
  return { registry, locks };
}

type At = ReturnType<typeof loginServer>;
type Admitted = Awaited<ReturnType<typeof admit>>;

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

/** Pauses the changes of a lock. Returns a function that ends the pause. */
function pause(key = accountKey): () => void {
  let end = (): void => {};
  const paused = new Promise<void>((resolve) => {
    end = resolve;
  });
  unpaused.set(key, paused);
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
  unpaused = new Map();
  silence = null;
});

/** The login-server gives the account to the char-server. */
const hold = async (at: At, { admittedServer }: Admitted) => {
  const holding = at.registry.gaining(admittedServer, at.locks.hold(ticket, admittedServer));
  await settled();
  return holding;
};

/** A login-server is paused beyond the lease while it gives the account to the char-server. */
async function pausedInHold() {
  await grant();
  const [paused, other] = [loginServer(), loginServer()];
  const admitted = await admit(paused);
  const wake = pause();
  const holding = hold(paused, admitted);
  await settled();
  clock.standStill(timing.leaseMs);
  return { paused, other, admitted, wake, holding };
}

describe("an account that a login-server gives to a char-server", () => {
  test("is free again if the char-server came back elsewhere during a pause", async () => {
    const { paused, other, admitted, wake, holding } = await pausedInHold();
    await comeBack(other, admitted.cookie);
    wake();
    await holding;
    expect(stateOf(accountKey)).toMatchObject({ state: "held" });
    await paused.registry.freeLate();
    expect(stateOf(accountKey)).toBeNull();
  });

  test("is free again even if the store is silent after the pause", async () => {
    const { paused, other, admitted, wake, holding } = await pausedInHold();
    await comeBack(other, admitted.cookie);
    silence = { key: accountKey, isChanged: true };
    wake();
    await expect(holding).rejects.toBeInstanceOf(Unavailable);
    for (const key of [serverKey, accountKey]) {
      silence = { key, isChanged: false };
      await expect(paused.registry.freeLate()).rejects.toBeInstanceOf(Unavailable);
    }
    silence = null;
    expect(stateOf(accountKey)).toMatchObject({ state: "held" });
    await paused.registry.freeLate();
    expect(stateOf(accountKey)).toBeNull();
  });

  test("is free again even if it came while the others were being freed", async () => {
    const { paused, other, admitted, wake, holding } = await pausedInHold();
    const back = await admit(other, admitted.cookie);
    const goOn = pause(serverKey);
    const ending = other.registry.reclaimed(back.admittedServer);
    await settled();
    wake();
    await holding;
    await paused.registry.freeLate();
    goOn();
    await ending;
    await paused.registry.freeLate();
    expect(stateOf(accountKey)).toBeNull();
  });

  test("is free again if the char-server lost its link and came back elsewhere before the change", async () => {
    await grant();
    const [slow, other] = [loginServer(), loginServer()];
    const admitted = await admit(slow);
    const goOn = pause();
    const holding = hold(slow, admitted);
    await slow.registry.disconnect(admitted.admittedServer);
    await comeBack(other, admitted.cookie);
    goOn();
    await holding;
    await slow.registry.freeLate();
    expect(stateOf(accountKey)).toBeNull();
  });

  test("is free again if it was put back after the char-server came back elsewhere", async () => {
    let graceLeftMs = 60_000;
    losses = { count: 1, graceLeftMs: () => graceLeftMs };
    const [paused, other] = [loginServer(), loginServer()];
    const { admittedServer, cookie } = await admit(paused);
    const wake = pause();
    const reclaiming = paused.registry.gaining(
      admittedServer,
      paused.locks.reclaim([restored], admittedServer),
    );
    await settled();
    clock.standStill(timing.leaseMs);
    await comeBack(other, cookie);
    wake();
    await reclaiming;
    // Until all server locks are restored, nobody knows which incarnations have ended.
    await paused.registry.freeLate();
    expect(stateOf(accountKey)).toMatchObject({ state: "held" });
    graceLeftMs = 0;
    await paused.registry.freeLate();
    expect(stateOf(accountKey)).toBeNull();
  });

  test("is free again even if the change arrives after it was looked for, and nobody looks for ever", async () => {
    const { paused, other, admitted, wake, holding } = await pausedInHold();
    await comeBack(other, admitted.cookie);
    silence = { key: accountKey, isChanged: false };
    wake();
    await expect(holding).rejects.toBeInstanceOf(Unavailable);
    silence = null;
    await paused.registry.freeLate();
    expect(stateOf(accountKey)).toMatchObject({ state: "granted" });
    // The connection on which nobody waits any more delivers the change.
    expect(await paused.locks.hold(ticket, admitted.admittedServer)).toMatchObject({ ok: true });
    expect(stateOf(accountKey)).toMatchObject({ state: "held" });
    clock.standStill(59_000);
    await paused.registry.freeLate();
    expect(stateOf(accountKey)).toBeNull();
    clock.standStill(1_000);
    await paused.registry.freeLate();
    loaded = [];
    await paused.registry.freeLate();
    expect(loaded).not.toContain(serverKey);
  });

  test("stays with the char-server if it is still linked after a pause, or may still come back", async () => {
    for (const isLinked of [true, false]) {
      state.locks.clear();
      await grant();
      const paused = loginServer();
      const admitted = await admit(paused);
      const wake = pause();
      const holding = hold(paused, admitted);
      await settled();
      clock.standStill(timing.leaseMs);
      if (!isLinked) await loginServer().registry.expire(serverKey);
      expect(stateOf(serverKey)).toMatchObject({ state: isLinked ? "connected" : "away" });
      wake();
      expect(await holding).toMatchObject({ ok: true });
      await paused.registry.freeLate();
      expect(stateOf(accountKey)).toMatchObject({ state: "held" });
    }
  });

  test("costs no look at the server lock while its lease lasts, counted from the last renewal", async () => {
    const at = loginServer();
    const admitted = await admit(at);
    clock.standStill(timing.leaseMs - 1);
    expect(await at.registry.renew(admitted.admittedServer)).toBe(true);
    clock.standStill(timing.leaseMs - 1);
    await grant();
    loaded = [];
    expect(await hold(at, admitted)).toMatchObject({ ok: true });
    await at.registry.freeLate();
    expect(loaded).not.toContain(serverKey);
  });
});
