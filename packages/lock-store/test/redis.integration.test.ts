import { Unavailable } from "@sallyport/domain";
import type { LockCore } from "@sallyport/lock-core";
import { startRedis } from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type Change, type LockPage, LockService, UnreadableLock } from "../src/index.ts";
import { lockStoreContract } from "./contract.ts";
import { agreesWithAMap } from "./model.ts";
import { callsDuring, type OpenedRedis, openRedis } from "./open-redis.ts";

lockStoreContract("Redis", () => openRedis());
lockStoreContract("Redis, one shard,", () => openRedis({ shards: 1 }));

describe("Redis lock store", () => {
  let opened: OpenedRedis;
  beforeEach(async () => {
    opened = await openRedis();
  });
  afterEach(() => opened.close());

  const change = (over: Partial<Change> = {}): Change => ({
    key: "account:17",
    expectedVersion: 0,
    value: "a",
    deadline: "none",
    owner: null,
    ...over,
  });

  it("agrees with a plain map over random programs", async () => {
    const marks = await agreesWithAMap(() => openRedis({ shards: 4 }), 150);
    for (const [mark, count] of Object.entries(marks)) expect(count, mark).toBeGreaterThan(0);
  });

  describe("a second arrival of the same change", () => {
    const resent = (id: string) => opened.reopen({ writeId: () => id });

    it("is answered like the first and writes nothing", async () => {
      // Redis counts the commands of all its clients, and other tests use the shared one.
      const server = await startRedis();
      onTestFinished(() => server.stop());
      const { redis, reopen, close } = await openRedis({ url: server.url });
      onTestFinished(close);
      const store = await reopen({ writeId: () => "w1" });
      const create = change({ owner: "char-1", deadline: { atMs: 1 } });
      const first = await store.compareAndSet(create);
      expect(first).toMatchObject({ ok: true });
      const calls = await callsDuring(redis, async () => {
        expect(await store.compareAndSet(create)).toEqual(first);
      });
      expect(Object.keys(calls).sort()).toEqual(["evalsha", "get", "hget", "hmget", "time"]);
    });

    it("is answered like the first when it replaced a lock", async () => {
      const created = await opened.store.compareAndSet(change());
      const store = await resent("w1");
      const replace = change({ expectedVersion: created.ok ? created.version : -1, value: "b" });
      const first = await store.compareAndSet(replace);
      expect(first).toMatchObject({ ok: true });
      expect(await store.compareAndSet(replace)).toEqual(first);
    });

    it("is answered like the first when it deleted, but another server's delete from the same read is not", async () => {
      const created = await opened.store.compareAndSet(change());
      const store = await resent("w1");
      const remove = change({ expectedVersion: created.ok ? created.version : -1, value: null });
      expect(await store.compareAndSet(remove)).toEqual({ ok: true, version: 0 });
      expect(await store.compareAndSet(remove)).toEqual({ ok: true, version: 0 });
      expect(await opened.store.compareAndSet(remove)).toMatchObject({ ok: false, current: null });
    });

    it("changes nothing once another change came in between", async () => {
      const store = await resent("w1");
      await store.compareAndSet(change());
      const { lock } = await store.load("account:17");
      await opened.store.compareAndSet(change({ expectedVersion: lock?.version ?? 0, value: "theirs" }));
      expect(await store.compareAndSet(change())).toMatchObject({ ok: false, current: { value: "theirs" } });
    });
  });

  it("gives every shard its turn even if the locks it returned before are still due", async () => {
    const keys = Array.from({ length: 40 }, (_, n) => `account:${n}`);
    for (const key of keys) await opened.store.compareAndSet(change({ key, deadline: { atMs: 1 } }));
    const shards = new Set<number>();
    for (let pass = 0; pass < 16; pass += 1) {
      const [key] = await opened.store.due(1);
      shards.add(opened.shardOf(key ?? ""));
    }
    expect(shards).toEqual(new Set(keys.map(opened.shardOf)));
  });

  it("loses no change of two processes that write at once", async () => {
    const core: LockCore<{ count: number }, "add", never, never> = {
      initial: { count: 0 },
      decide: ({ count }) => ({
        ...{ ok: true, next: { count: count + 1 }, effects: [] },
        ...{ deadline: "none", when: undefined },
      }),
      ownerOf: ({ count }) => `char-${count % 2}`,
      isInitial: ({ count }) => count === 0,
      isLock: (stored) => "count" in stored,
    };
    const stores = [opened.store, await opened.reopen()];
    const services = stores.map((store) => new LockService({ store, core }));
    await Promise.all(
      Array.from({ length: 100 }, (_, n) => services[n % 2]?.apply(`account:${n % 3}`, "add")),
    );
    const counts = await Promise.all([0, 1, 2].map((n) => services[0]?.read(`account:${n}`)));
    expect(counts.map((read) => read?.lock.count)).toEqual([34, 33, 33]);
  });

  it("keeps one small key of a deleted lock, for a minute", async () => {
    const created = await opened.store.compareAndSet(change({ owner: "char-1", deadline: { atMs: 1 } }));
    const version = created.ok ? created.version : -1;
    await opened.store.compareAndSet(change({ expectedVersion: version, value: null }));
    const { redis, keys } = opened;
    expect(Object.keys(await redis.hgetall(keys.lock("account:17")))).toEqual(["write"]);
    expect(await redis.pttl(keys.lock("account:17"))).toBeGreaterThan(0);
    const shard = keys.shardOf("account:17");
    expect(await redis.exists(keys.deadlines(shard), keys.owners(shard))).toBe(0);

    await opened.store.compareAndSet(change());
    expect(await redis.pttl(keys.lock("account:17"))).toBe(-1);
  });

  it("gives higher versions even if the clock of Redis was ahead before", async () => {
    const { redis, keys, store } = opened;
    const aheadMicroseconds = 4_000_000_000_000_000;
    await redis.set(keys.versions(keys.shardOf("account:17")), aheadMicroseconds);
    expect(await store.compareAndSet(change())).toEqual({ ok: true, version: aheadMicroseconds + 1 });
    expect((await store.load("account:17")).lock?.version).toBe(aheadMicroseconds + 1);
  });

  it("does not give the same version again after Redis lost everything", async () => {
    const before = await opened.store.compareAndSet(change());
    const all = await opened.redis.keys(`${opened.keys.layout.split("{")[0]}*`);
    await opened.redis.unlink(...all);
    await expect(opened.store.compareAndSet(change())).rejects.toBeInstanceOf(Unavailable);
    const after = await opened.store.compareAndSet(change());
    expect(after.ok && before.ok && after.version > before.version).toBe(true);
  });

  it("is read without a write, even after Redis lost it", async () => {
    const { redis, keys, reader } = opened;
    await opened.store.compareAndSet(change({ owner: "char-1" }));
    const all = () => redis.keys(`${keys.layout.split("{")[0]}*`);
    const before = (await all()).sort();
    await reader.load("account:17");
    await reader.list(null, 10);
    expect((await all()).sort()).toEqual(before);
    await redis.unlink(...before);
    expect((await reader.load("account:17")).lock).toBeNull();
    expect((await reader.list(null, 10)).locks).toEqual([]);
    expect(await all()).toEqual([]);
  });

  it.each([
    ["an owner", { owner: "char-1" }],
    ["a deadline", { deadline: { atMs: 1 } }],
    ["both", { owner: "char-1", deadline: { atMs: 1 } }],
  ])("lists a lock with %s that another program overwrote once, without a value", async (_, of) => {
    const { redis, keys, reader, store } = opened;
    for (const key of ["account:17", "account:18"]) await store.compareAndSet(change({ ...of, key }));
    await redis.set(keys.lock("account:17"), "overwritten");
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const page: LockPage = await reader.list(cursor, 10);
      found.push(...page.locks.map(({ key, value }) => `${key} ${value === null ? "has none" : "has one"}`));
      cursor = page.next;
    } while (cursor !== null);
    expect(found.sort()).toEqual(["account:17 has none", "account:18 has one"]);
    for (const each of [reader, store]) {
      await expect(each.load("account:17")).rejects.toBeInstanceOf(UnreadableLock);
      expect((await each.load("account:18")).lock).not.toBeNull();
    }
  });

  it("is unavailable if another program overwrote its own keys, and does not call locks unreadable", async () => {
    const { redis, keys, store } = opened;
    await store.compareAndSet(change());
    const generation = keys.generation(keys.shardOf("account:17"));
    await redis.del(generation);
    await redis.lpush(generation, "overwritten");
    const failing = store.load("account:17");
    await expect(failing).rejects.toBeInstanceOf(Unavailable);
    await expect(failing).rejects.not.toBeInstanceOf(UnreadableLock);
  });

  it("touches one key hash tag in each script, spread over all shards", async () => {
    const { keys } = opened;
    const perShard = Array.from({ length: 16 }, () => 0);
    for (let n = 0; n < 16_000; n += 1) {
      const key = `account:${n}`;
      const shard = keys.shardOf(key);
      perShard[shard] = (perShard[shard] ?? 0) + 1;
      const touched = [
        keys.lock(key),
        keys.deadlines(shard),
        keys.owners(shard),
        keys.versions(shard),
        keys.generation(shard),
      ];
      expect(new Set(touched.map((name) => /\{(.*?)\}/.exec(name)?.[1])).size).toBe(1);
      expect(new Set(touched).size).toBe(5);
    }
    expect(Math.min(...perShard)).toBeGreaterThan(800);
    expect(Math.max(...perShard)).toBeLessThan(1_200);
  });

  it("keeps spaces apart", async () => {
    const world = await opened.reopen({ space: "world:alpha" });
    await opened.store.compareAndSet(change({ owner: "char-1", deadline: { atMs: 1 } }));
    expect((await world.load("account:17")).lock).toBeNull();
    expect(await world.due(10)).toEqual([]);
    expect((await world.ownedBy("char-1", null, 10)).keys).toEqual([]);
  });

  it("refuses to open a space with another number of shards than it has", async () => {
    await expect(opened.reopen({ shards: 8 })).rejects.toThrow(
      "are stored in 16 shards and cannot be opened with 8",
    );
    await expect(opened.reopen({ space: "other", shards: 8 })).resolves.toBeDefined();
  });

  it("refuses names that would break the key hash tag", async () => {
    await expect(opened.reopen({ space: "{a}" })).rejects.toThrow(RangeError);
    await expect(opened.reopen({ prefix: "{a}:" })).rejects.toThrow(RangeError);
    await expect(opened.reopen({ space: "" })).rejects.toThrow(RangeError);
    await expect(opened.reopen({ shards: 0 })).rejects.toThrow(RangeError);
  });
});
