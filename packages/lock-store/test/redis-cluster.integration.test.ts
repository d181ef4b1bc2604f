import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "@sallyport/testkit";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callsDuring, openRedis } from "./open-redis.ts";
import { pages } from "./opened.ts";

/*
 * This node owns all slots of its cluster, so it answers a plain client. In cluster mode, Redis refuses a
 * script whose keys lie in several slots. This holds for keys that are named in advance and for keys that the
 * script builds.
 */
describe("Redis lock store on a cluster node", () => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-cluster-"));
  const url = `unix://${join(folder, "redis.sock")}`;
  let server: ChildProcess;
  let redis: Redis;

  beforeAll(async () => {
    const args = ["--port", "0", "--unixsocket", join(folder, "redis.sock"), "--dir", folder, "--save", ""];
    server = spawn("redis-server", [...args, "--cluster-enabled", "yes"], { stdio: "ignore" });
    process.once("exit", () => server.kill("SIGKILL"));
    redis = new Redis(url);
    redis.on("error", () => {}); // the server needs a moment to start
    await until(() => redis.ping(), { what: "redis-server answers" });
    await redis.call("CLUSTER", "ADDSLOTSRANGE", 0, 16_383);
    await until(async () => (await redis.call("CLUSTER", "INFO"))?.toString().includes("cluster_state:ok"), {
      what: "the cluster is up",
    });
  });
  afterAll(async () => {
    redis.disconnect();
    server.kill("SIGKILL");
    await once(server, "exit");
    rmSync(folder, { recursive: true, force: true });
  });

  it("refuses keys of two slots, so that this test can fail", async () => {
    await expect(redis.eval("return redis.call('GET', KEYS[1])", 2, "a", "b")).rejects.toThrow(
      /CROSSSLOT|slot/,
    );
    await expect(redis.eval("#!lua\nreturn redis.call('GET', 'b')", 1, "a")).rejects.toThrow(/slot/);
  });

  it("makes every kind of change, each within one slot, in several slots", async () => {
    const opened = await openRedis({ url, space: "world:alpha" });
    const { store } = opened;
    const slots = new Set<unknown>();
    for (let n = 0; n < 64; n += 1) {
      const key = `character:${n}`;
      slots.add(await redis.call("CLUSTER", "KEYSLOT", opened.keys.lock(key)));
      let expectedVersion = 0;
      for (const owner of ["char-1", "map-7", null, "map-8"]) {
        const change = {
          key,
          expectedVersion,
          value: "a",
          deadline: owner === null ? ("none" as const) : { atMs: 1 },
          owner,
        };
        const changed = await store.compareAndSet(change);
        if (!changed.ok) throw new Error(`${key} was changed by somebody`);
        expectedVersion = changed.version;
      }
    }
    expect(slots.size).toBe(16);
    expect(await store.due(100)).toHaveLength(64);
    expect((await pages(store, "map-8", 10)).flat()).toHaveLength(64);
    for (const key of await store.due(100)) {
      const { lock } = await store.load(key);
      const change = {
        key,
        expectedVersion: lock?.version ?? 0,
        value: null,
        deadline: "none" as const,
        owner: null,
      };
      expect(await store.compareAndSet(change)).toMatchObject({ ok: true });
    }
    expect(await store.due(100)).toEqual([]);
    await opened.close();
  });

  it("makes the changes of one turn with one call for each shard, and no failing one stops another", async () => {
    const opened = await openRedis({ url, space: "world:beta" });
    const { store } = opened;
    const changes = Array.from({ length: 64 }, (_, n) => ({
      key: `character:${n}`,
      expectedVersion: n % 4,
      value: "a",
      deadline: "none" as const,
      owner: "char-1",
    }));
    const calls = await callsDuring(redis, async () => {
      const answers = await Promise.all(changes.map((change) => store.compareAndSet(change)));
      expect(answers.map(({ ok }) => ok)).toEqual(changes.map((_, n) => n % 4 === 0));
    });
    expect(calls).toMatchObject({ evalsha: 16 });
    expect((await pages(store, "char-1", 10)).flat()).toHaveLength(16);
    await opened.close();
  });
});
