import { type RunningRedis, startRedis, until } from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { play, rowOf, untilEnded, walk } from "./cluster/player.ts";
import { redisStores } from "./cluster/redis-stores.ts";
import { must, spawn, TestCluster, type TestClusterOptions } from "./cluster/test-cluster.ts";

/*
 * Redis decides who tries, Postgres decides who wins. Here servers go on as owners of what is not theirs any more,
 * and whatever they write is refused, whether or not Redis still knows of them.
 */

let redis: RunningRedis;
const clusters: TestCluster[] = [];
beforeEach(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  for (const cluster of clusters.splice(0).reverse()) await cluster.stop();
  await redis.stop();
});

async function start(options: TestClusterOptions = {}): Promise<TestCluster> {
  const cluster = await TestCluster.start({ stores: await redisStores(redis.url), ...options });
  clusters.push(cluster);
  return cluster;
}

/** Notices nothing of a wiped Redis by itself: it would at the next renewal of its server locks. */
const lingering = { leaseMs: 3_600_000 };

describe("after Redis was wiped and everything started anew elsewhere", () => {
  test("a stale map-server cannot overwrite a newer save by an autosave", async () => {
    const stale = await start({ timing: lingering, autosaveMs: 200 });
    const account = await stale.account();
    const older = await play(stale, account);
    await walk(older, { x: 2 });
    await until(async () => (await rowOf(stale, older.game.charId)).x === spawn.x + 2, {
      what: "the stale server's autosave, while it was none",
    });

    await redis.flushAll();
    const fresh = await start({ database: stale.testDatabase });
    const newer = await play(fresh, account);
    expect(newer.game.position).toEqual({ ...spawn, x: spawn.x + 2 });
    await walk(newer, { x: -6 });

    await older.game.walk(spawn.x + 5, spawn.y);
    expect(await untilEnded(older)).toBe("lock-lost");
    expect(stale.mapServer().playerCount).toBe(0);
    expect(newer.ended()).toBeNull();
    must(await newer.game.leave());
    expect(await rowOf(fresh, newer.game.charId)).toMatchObject({ ...spawn, x: spawn.x - 4 });
  });
});
