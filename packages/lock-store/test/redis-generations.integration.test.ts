import { Unavailable } from "@sallyport/domain";
import { type RunningRedis, startRedis, until } from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Change, type LockStore } from "../src/index.ts";
import { type OpenedRedis, openRedis } from "./open-redis.ts";

const change: Change = {
  key: "account:17",
  expectedVersion: 0,
  value: "a",
  deadline: { atMs: 1 },
  owner: "char-1",
};
const graceMs = 60_000;

let server: RunningRedis;
let opened: OpenedRedis;
let isUsed: boolean;

beforeEach(async () => {
  server = await startRedis();
  isUsed = false;
  const noteUse = async (): Promise<boolean> => {
    const before = isUsed;
    isUsed = true;
    return before;
  };
  opened = await openRedis({ url: server.url, graceMs, noteUse });
});
afterEach(async () => {
  await opened.close();
  await server.stop();
});

const isInGrace = ({ losses }: LockStore): boolean => losses.graceLeftMs() > 0;

describe("a Redis that never had locks", () => {
  it("is not mistaken for one that lost them, by the first server or the following ones", async () => {
    const second = await opened.reopen();
    for (const store of [opened.store, second]) {
      expect(await store.compareAndSet({ ...change, key: `of ${store === second}` })).toMatchObject({
        ok: true,
      });
      expect(store.losses).toMatchObject({ count: 0 });
      expect(isInGrace(store)).toBe(false);
    }
  });
});

describe("a Redis that came back empty", () => {
  const operations = [
    ["load", (store: LockStore) => store.load("account:17")],
    ["compareAndSet", (store: LockStore) => store.compareAndSet(change)],
    ["due", (store: LockStore) => store.due(10)],
    ["ownedBy", (store: LockStore) => store.ownedBy("char-1", null, 10)],
  ] as const;

  it.each(operations)("is noticed by %s, which changes nothing", async (_, run) => {
    await opened.store.compareAndSet(change);
    await server.flushAll();
    await expect(run(opened.store)).rejects.toBeInstanceOf(Unavailable);
    expect(opened.store.losses.count).toBe(1);
    expect(isInGrace(opened.store)).toBe(true);
    expect((await opened.store.load("account:17")).lock).toBeNull();
  });

  it("is noticed once, starts one generation for all servers, and then works normally", async () => {
    const other = await opened.reopen();
    await server.flushAll();
    const all = [opened.store, other].flatMap((store) => [store.load("a"), store.load("b"), store.due(10)]);
    await Promise.allSettled(all);
    for (const store of [opened.store, other]) {
      await until(() => store.load("a"), { what: "the generation is known" });
      expect(store.losses.count).toBe(1);
      expect(isInGrace(store)).toBe(true);
    }
    await opened.store.compareAndSet(change);
    expect((await other.load("account:17")).lock?.value).toBe("a");
    expect(await opened.redis.get(opened.keys.layout)).toBe("16");
  });

  it("refuses a change of a lock that was read before, even if it was free then and is now", async () => {
    const { generation } = await opened.store.load("account:17");
    await server.flushAll();
    await expect(opened.store.due(1)).rejects.toBeInstanceOf(Unavailable);
    const late = opened.store.compareAndSet({ ...change, generation });
    await expect(late).rejects.toBeInstanceOf(Unavailable);
    expect((await opened.store.load("account:17")).lock).toBeNull();
    expect(opened.store.losses.count).toBe(1);
  });

  it("while no server looked is noticed by the first server that opens it, and by later ones", async () => {
    await server.flushAll();
    const first = await opened.reopen();
    const second = await opened.reopen();
    expect([first, second].map(isInGrace)).toEqual([true, true]);
    expect([first, second].map(({ losses }) => losses.count)).toEqual([0, 0]);
  });

  it("in one shard only is noticed as well", async () => {
    await opened.redis.del(opened.keys.generation(opened.keys.shardOf("account:17")));
    await expect(opened.store.due(16)).rejects.toBeInstanceOf(Unavailable);
    expect(isInGrace(opened.store)).toBe(true);
  });

  it("is usable by every server once the time is over", async () => {
    await server.flushAll();
    const brief = await opened.reopen({ graceMs: 2_000 });
    expect(isInGrace(brief)).toBe(true);
    await until(async () => !isInGrace(brief), { what: "the grace period is over" });
    const next = await opened.reopen();
    expect(isInGrace(next)).toBe(false);
  });
});

describe("a Redis that came back without its newest changes", () => {
  const operations = [
    ["load", (store: LockStore) => store.load("account:17")],
    ["compareAndSet", (store: LockStore) => store.compareAndSet({ ...change, expectedVersion: 1 })],
    ["due", (store: LockStore) => store.due(10)],
    ["ownedBy", (store: LockStore) => store.ownedBy("char-1", null, 10)],
  ] as const;

  it.each(operations)(
    "is noticed by %s of a server that made one of them, and none of its locks stays",
    async (_, run) => {
      const other = await opened.reopen();
      await other.compareAndSet({ ...change, key: "account:18" });
      const replica = await server.laggingReplica();
      await opened.store.compareAndSet(change);
      await replica.promote();
      await until(
        () =>
          run(opened.store).then(
            () => null,
            (error: unknown) => error instanceof Unavailable && opened.store.losses.count > 0,
          ),
        { what: "it is noticed" },
      );
      expect(opened.store.losses.count).toBe(1);
      expect(isInGrace(opened.store)).toBe(true);
      for (const key of ["account:17", "account:18"]) expect((await opened.store.load(key)).lock).toBeNull();
      expect(await opened.store.due(10)).toEqual([]);
      expect(await opened.store.ownedBy("char-1", null, 10)).toEqual({ keys: [], next: null });
    },
  );

  it("is noticed if the missing change was a release", async () => {
    const first = await opened.store.compareAndSet(change);
    const replica = await server.laggingReplica();
    const expectedVersion = first.ok ? first.version : 0;
    await opened.store.compareAndSet({ ...change, expectedVersion, value: null });
    await replica.promote();
    await untilNoticed(opened.store);
  });

  it("is noticed even if other servers, whose changes are all there, have changed more since", async () => {
    const other = await opened.reopen();
    const replica = await server.laggingReplica();
    await opened.store.compareAndSet(change);
    await replica.promote();
    await until(
      () =>
        other.compareAndSet(change).then(
          ({ ok }) => ok,
          () => false,
        ),
      { what: "another one has the lock" },
    );
    await untilNoticed(opened.store);
    await untilNoticed(other);
    expect((await other.load(change.key)).lock).toBeNull();
  });

  it("starts one generation for all servers, even when it happens a second time", async () => {
    const other = await opened.reopen();
    const replica = await server.laggingReplica();
    for (let times = 1; times <= 2; times += 1) {
      await until(
        () => opened.store.compareAndSet({ ...change, key: `account:${times}` }).catch(() => null),
        { what: "a lock is made" },
      );
      await replica.promote();
      for (const store of [opened.store, other]) {
        await until(
          () =>
            store.due(10).then(
              () => store.losses.count === times,
              () => false,
            ),
          { what: `it is noticed, ${times}` },
        );
      }
    }
    await opened.store.compareAndSet({ ...change, expectedVersion: 0 });
    expect((await other.load(change.key)).lock?.value).toBe("a");
  });

  it("but has all changes of this server, or lost only unacknowledged ones, is not noticed", async () => {
    await opened.store.compareAndSet(change);
    const replica = await server.laggingReplica();
    await replica.promote();
    await until(() => opened.store.load(change.key).catch(() => null), { what: "it answers again" });
    expect((await opened.store.load(change.key)).lock?.value).toBe("a");
    expect(opened.store.losses).toMatchObject({ count: 0 });
  });
});

async function untilNoticed(store: LockStore): Promise<void> {
  await until(
    () =>
      store.load(change.key).then(
        () => store.losses.count > 0,
        () => false,
      ),
    { what: "it is noticed" },
  );
  expect(isInGrace(store)).toBe(true);
}
