import { hashCookie } from "@sallyport/cluster-protocol";
import { Incarnation } from "@sallyport/domain";
import { defaultLockTiming } from "@sallyport/lock-core";
import { type LockStore, MemoryLockState, MemoryLockStore, StoreUnavailable } from "@sallyport/lock-store";
import { beforeEach, describe, expect, test } from "vitest";
import { type Life, ServerRegistry, silentLog } from "../src/index.ts";

const timing = { ...defaultLockTiming, leaseMs: 10_000, reconnectMs: 20_000 };
const server = "map-1";
const key = `server:${server}`;

let nowMs: number;
let state: MemoryLockState;
let store: LockStore;
/** When to fail from now on: asked with what is about to be done. */
let failAt: (what: string) => boolean;
/** Locks freed, each with whether the server lock was still there. */
let freed: { readonly key: string; readonly hadServer: boolean }[];
let registry: ServerRegistry;
let drawn: number;

beforeEach(() => {
  nowMs = 0;
  drawn = 0;
  freed = [];
  failAt = () => false;
  state = new MemoryLockState();
  const memory = new MemoryLockStore({ nowMs: () => nowMs, state });
  const unlessFails = <T>(what: string, run: () => Promise<T>): Promise<T> =>
    failAt(what) ? Promise.reject(new StoreUnavailable(`killed at ${what}`)) : run();
  store = {
    load: (of) => unlessFails(`load ${of}`, () => memory.load(of)),
    compareAndSet: (change) => unlessFails(`change ${change.key}`, () => memory.compareAndSet(change)),
    due: (limit) => memory.due(limit),
    ownedBy: (...page) => unlessFails("owned-by", () => memory.ownedBy(...page)),
    close: () => memory.close(),
  };
  registry = new ServerRegistry({
    store,
    timing,
    log: silentLog(),
    randomBytes: (count) => {
      drawn += 1;
      return new Uint8Array(count).fill(drawn);
    },
    forfeit: async (owned) => {
      const { lock } = await store.load(owned);
      if (lock === null) return;
      const change = { key: owned, expectedVersion: lock.version, value: null };
      await store.compareAndSet({ ...change, deadlineMs: null, owner: null });
      freed.push({ key: owned, hadServer: isThere() });
    },
  });
});

const isThere = (): boolean => state.locks.has(key);
const stateOf = (): string | undefined => {
  const entry = state.locks.get(key);
  return entry === undefined ? undefined : (JSON.parse(entry.value) as { state: string }).state;
};

async function connect(): Promise<Life & { readonly cookie: Uint8Array }> {
  const admitted = await registry.connect(server);
  if (!admitted.ok) throw new Error(admitted.refusal);
  return { server, ...admitted.value };
}

async function own({ incarnation }: Life, count: number): Promise<readonly string[]> {
  const keys = Array.from({ length: count }, (_, index) => `character:${incarnation}-${index}`);
  for (const owned of keys) {
    const change = { key: owned, expectedVersion: 0, value: "{}", deadlineMs: null };
    await store.compareAndSet({ ...change, owner: incarnation });
  }
  return keys;
}

describe("a server that connects", () => {
  test("gets a life and a cookie of its own, and the cookie is not kept", async () => {
    const first = await connect();
    await registry.leave(first);
    const second = await connect();
    expect(first.cookie).toHaveLength(32);
    expect(first.cookie).not.toEqual(second.cookie);
    expect(first.incarnation).toMatch(/^[0-9a-f]{16}$/);
    expect(first.incarnation).not.toBe(second.incarnation);
    const { value } = state.locks.get(key) ?? { value: "" };
    expect(value).toContain(hashCookie(second.cookie));
    expect(value).not.toContain(Buffer.from(second.cookie).toString("hex"));
  });

  test("is refused while one of its name is connected, and told when that may have ended", async () => {
    await connect();
    nowMs = 4_000;
    expect(await registry.connect(server)).toEqual({
      ok: false,
      refusal: "server-lock-exists",
      retryAfterMs: 6_000,
    });
    expect((await registry.connect("map-2")).ok).toBe(true);
  });

  test("is refused while one of its name may still come back, and let in when its time is over", async () => {
    await registry.disconnect(await connect());
    nowMs = 19_999;
    expect(await registry.connect(server)).toMatchObject({
      refusal: "server-lock-exists",
      retryAfterMs: 100,
    });
    await registry.expire(key);
    expect(await registry.connect(server)).toMatchObject({ refusal: "server-lock-exists" });
    nowMs = 20_000;
    await registry.expire(key);
    expect((await registry.connect(server)).ok).toBe(true);
  });

  test("is asked to come again where the store does not answer, and nothing is decided", async () => {
    failAt = () => true;
    expect(await registry.connect(server)).toEqual({
      ok: false,
      refusal: "unavailable",
      retryAfterMs: 1_000,
    });
    expect(isThere()).toBe(false);
  });
});

/** How a server goes for good. */
const goings: readonly { readonly how: string; readonly go: (life: Life) => Promise<void> }[] = [
  { how: "leaves", go: (life) => registry.leave(life) },
  {
    how: "did not come back in time",
    go: async (life) => {
      await registry.disconnect(life);
      nowMs += timing.reconnectMs;
      await registry.expire(key);
    },
  },
];

describe.each(goings)("what a server owned that $how", ({ go }) => {
  test("is free before its server lock is gone, however much it was", async () => {
    const life = await connect();
    const owned = await own(life, 1_203);
    await go(life);
    expect(new Set(freed.map((each) => each.key))).toEqual(new Set(owned));
    expect(freed).toHaveLength(owned.length);
    expect(freed.every(({ hadServer }) => hadServer)).toBe(true);
    expect(isThere()).toBe(false);
  });

  test("is freed, and nothing of what others own", async () => {
    const life = await connect();
    await own(life, 3);
    const others = await own({ server: "map-2", incarnation: Incarnation("other") }, 3);
    await go(life);
    expect([...state.locks.keys()]).toEqual(others);
  });

  test("is freed by whoever comes next, where whoever did it was killed at any point", async () => {
    for (let killedAt = 1; ; killedAt += 1) {
      failAt = () => false;
      const life = await connect();
      const owned = await own(life, 2);
      let steps = 0;
      failAt = () => {
        steps += 1;
        return steps >= killedAt;
      };
      const outcome = await go(life).then(
        () => "done",
        (error) => error,
      );
      failAt = () => false;
      // Where anything is left to free, there is a server lock with a deadline, and so a reason to come again.
      const isLeft = owned.some((each) => state.locks.has(each));
      if (isLeft) expect(isThere()).toBe(true);
      // The lease, and then the reconnect timer.
      for (let time = 0; time < 2; time += 1) {
        nowMs += timing.leaseMs + timing.reconnectMs;
        for (const due of await store.due(10)) await registry.expire(due);
      }
      expect([...state.locks.keys()]).toEqual([]);
      if (outcome === "done") return expect(killedAt).toBeGreaterThan(6);
      expect(outcome).toBeInstanceOf(StoreUnavailable);
    }
  });
});

describe("a server that is linked", () => {
  test("stays connected as long as it is renewed", async () => {
    const life = await connect();
    for (let time = 0; time < 5; time += 1) {
      nowMs += timing.leaseMs - 1;
      expect(await registry.renew(life)).toBe(true);
      await registry.expire(key);
      expect(stateOf()).toBe("connected");
    }
  });

  test("is away when nobody renewed it, keeps what it owns, and is back at the next renewal", async () => {
    const life = await connect();
    const owned = await own(life, 2);
    nowMs = timing.leaseMs;
    await registry.expire(key);
    expect(stateOf()).toBe("away");
    nowMs += timing.reconnectMs - 1;
    await registry.expire(key);
    expect(freed).toEqual([]);
    expect(await registry.renew(life)).toBe(true);
    expect(stateOf()).toBe("connected");
    expect([...state.locks.keys()]).toEqual(expect.arrayContaining([...owned]));
  });

  test("has lost its lock when it was renewed too late, and finds out", async () => {
    const life = await connect();
    await own(life, 2);
    nowMs = timing.leaseMs;
    await registry.expire(key);
    nowMs += timing.reconnectMs;
    expect(await registry.renew(life)).toBe(false);
    await registry.expire(key);
    expect(freed).toHaveLength(2);
    expect(await registry.renew(life)).toBe(false);
  });

  test("is not touched by what comes late of its life before", async () => {
    const older = await connect();
    await registry.leave(older);
    const newer = await connect();
    const owned = await own(newer, 2);
    expect(await registry.renew(older)).toBe(false);
    await registry.disconnect(older);
    await registry.leave(older);
    expect(stateOf()).toBe("connected");
    expect([...state.locks.keys()]).toEqual([key, ...owned]);
    expect(await registry.renew(newer)).toBe(true);
  });
});

test("a key is one of a server lock by its name", () => {
  expect([key, "character:1", "account:server:1"].map((each) => registry.owns(each))).toEqual([
    true,
    false,
    false,
  ]);
});
