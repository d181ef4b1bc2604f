import { Unavailable } from "@sallyport/domain";
import { type RunningRedis, startRedis } from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Change, type LockStore, UnreadableLock } from "../src/index.ts";
import { callsDuring, type OpenedRedis, openRedis } from "./open-redis.ts";

let server: RunningRedis;
let opened: OpenedRedis;
let store: LockStore;

beforeEach(async () => {
  server = await startRedis();
  opened = await openRedis({ url: server.url });
  store = opened.store;
});
afterEach(async () => {
  await opened.close();
  await server.stop();
});

const changeOf = (key: string, over: Partial<Change> = {}): Change => ({
  key,
  expectedVersion: 0,
  value: "a",
  deadline: { atMs: 1 },
  owner: "char-1",
  ...over,
});
const keysTo = (count: number): string[] => Array.from({ length: count }, (_, n) => `account:${n}`);
const settled = (changes: readonly Change[], by = store) =>
  Promise.allSettled(changes.map((change) => by.compareAndSet(change)));
const madeBy = (results: readonly PromiseSettledResult<{ readonly ok: boolean }>[]): boolean[] =>
  results.map((result) => result.status === "fulfilled" && result.value.ok);

const withoutTime = (results: Awaited<ReturnType<typeof settled>>) =>
  results.map((result) => result.status === "fulfilled" && { ...result.value, nowMs: null });

describe("the changes and reads of one turn", () => {
  it("leave in one script call for all shards, at most 200 in each call", async () => {
    for (const [count, scripts] of [
      [1, 1],
      [200, 1],
      [201, 2],
      [450, 3],
    ] as const) {
      const keys = keysTo(count).map((key) => `${key} of ${count}`);
      const changing = await callsDuring(opened.redis, () => settled(keys.map((key) => changeOf(key))));
      expect(changing).toMatchObject({ evalsha: scripts });
      const reading = await callsDuring(opened.redis, () =>
        Promise.all(
          keys.map((key, n) => (n % 2 === 0 ? store.load(key) : store.compareAndSet(changeOf(key)))),
        ),
      );
      expect(reading).toMatchObject({ evalsha: scripts });
    }
  });

  it("cost the clock, the version and the record of the writer once for each shard", async () => {
    const one = await opened.reopen({ space: "one shard", shards: 1 });
    const calls = await callsDuring(opened.redis, () =>
      settled(
        keysTo(100).map((key) => changeOf(key)),
        one,
      ),
    );
    expect(calls).toMatchObject({ evalsha: 1, time: 1, get: 2, hget: 1, set: 1, hset: 101, zadd: 200 });
  });

  it("are answered like the first time and write nothing when the whole call arrives twice", async () => {
    const keys = keysTo(40);
    let writes = 0;
    const again = await opened.reopen({ writeId: () => `w${(writes += 1) % 80}` });
    for (const key of keys) if (Number(key.slice(8)) % 4 === 1) await store.compareAndSet(changeOf(key));
    const mixed = await Promise.all(
      keys.map(async (key, n) => {
        const { lock } = await store.load(key);
        return changeOf(key, {
          expectedVersion: n % 8 === 1 ? 5 : (lock?.version ?? 0),
          value: n % 4 === 1 ? null : "b",
        });
      }),
    );
    const first = await settled(mixed, again);
    await settled(
      keysTo(40).map((key) => changeOf(`of another call ${key}`)),
      again,
    );
    const calls = await callsDuring(opened.redis, async () => {
      expect(withoutTime(await settled(mixed, again))).toEqual(withoutTime(first));
    });
    expect(Object.keys(calls).sort()).toEqual(["evalsha", "get", "hget", "hmget", "time"]);
    expect(madeBy(first).filter((made) => !made)).toHaveLength(5);
  });

  it("are all made except one whose key another program overwrote", async () => {
    const keys = keysTo(40);
    await opened.redis.set(opened.keys.lock("account:7"), "overwritten");
    const results = await settled(keys.map((key) => changeOf(key)));
    expect(madeBy(results)).toEqual(keys.map((key) => key !== "account:7"));
    expect(results[7]).toMatchObject({ reason: expect.any(UnreadableLock) });
    expect(await store.due(100)).toHaveLength(39);
  });

  it.each(["deadlines", "owners", "versions", "writers", "generation"] as const)(
    "are all made except those of a shard whose %s another program overwrote",
    async (name) => {
      const keys = keysTo(40);
      const shard = opened.shardOf("account:7");
      await opened.redis.del(opened.keys[name](shard));
      await opened.redis.xadd(opened.keys[name](shard), "*", "over", "written");
      const results = await settled(keys.map((key) => changeOf(key)));
      expect(madeBy(results)).toEqual(keys.map((key) => opened.shardOf(key) !== shard));
      for (const result of results)
        if (result.status === "rejected") expect(result.reason).toBeInstanceOf(Unavailable);
      const { lock } = await opened.reader.load("account:7");
      expect(lock).toBeNull();
    },
  );

  it("are all made except those of a shard that lost its locks, and those are not made", async () => {
    const keys = keysTo(40);
    const shard = opened.shardOf("account:7");
    await opened.redis.del(opened.keys.generation(shard));
    const results = await settled(keys.map((key) => changeOf(key)));
    expect(madeBy(results)).toEqual(keys.map((key) => opened.shardOf(key) !== shard));
    expect(store.losses.count).toBe(1);
    expect((await store.load("account:7")).lock).toBeNull();
    expect((await settled([changeOf("account:7")]))[0]).toMatchObject({ value: { ok: true } });
  });

  it("are all made except those of a shard that was set back, after which no lock stays", async () => {
    const keys = keysTo(40);
    const shard = opened.shardOf("account:7");
    await store.compareAndSet(changeOf("account:7"));
    await opened.redis.del(opened.keys.writers(shard), opened.keys.lock("account:7"));
    const results = await settled(keys.map((key) => changeOf(key)));
    expect(madeBy(results)).toEqual(keys.map((key) => opened.shardOf(key) !== shard));
    expect(store.losses.count).toBe(1);
    const left = await Promise.all(keys.map((key) => store.load(key)));
    expect(left.filter(({ lock }) => lock !== null)).toEqual([]);
  });

  it("that name an earlier generation are not made, and the others are", async () => {
    const before = await Promise.all(keysTo(10).map((key) => store.load(key)));
    await server.flushAll();
    await expect(store.due(1)).rejects.toBeInstanceOf(Unavailable);
    const changes = keysTo(20).map((key, n) => changeOf(key, { generation: before[n]?.generation }));
    expect(madeBy(await settled(changes))).toEqual(changes.map((_, n) => n >= 10));
  });

  it("are read even if Redis is full and refuses the changes", async () => {
    await store.compareAndSet(changeOf("account:1"));
    await opened.redis.config("SET", "maxmemory", "1");
    const [read, changed, readLater] = await Promise.allSettled([
      store.load("account:1"),
      store.compareAndSet(changeOf("account:2")),
      store.load("account:2"),
    ]);
    expect(read).toMatchObject({ value: { lock: { value: "a" } } });
    expect(changed).toMatchObject({ reason: expect.any(Unavailable) });
    expect(readLater).toMatchObject({ value: { lock: null } });
  });

  it("are sent again as a whole if Redis forgot the script", async () => {
    await opened.redis.script("FLUSH");
    expect(madeBy(await settled(keysTo(450).map((key) => changeOf(key))))).not.toContain(false);
  });

  it("are made before the store closes", async () => {
    const changing = store.compareAndSet(changeOf("account:1"));
    await store.close();
    expect(await changing).toMatchObject({ ok: true });
  });
});
