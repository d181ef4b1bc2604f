import { serverLockKey } from "@sallyport/lock-core";
import { must, type RunningRedis, startRedis, until } from "@sallyport/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BreakableLinks } from "./cluster/breakable-links.ts";
import { play, rowOf, ticketOf, walk } from "./cluster/player.ts";
import { redisStores } from "./cluster/redis-stores.ts";
import { TestCluster } from "./cluster/test-cluster.ts";
import { logInAgain, Walker } from "./cluster/walker.ts";

let redis: RunningRedis;
let cluster: TestCluster;
const links = new BreakableLinks();
beforeEach(async () => {
  redis = await startRedis();
  cluster = await TestCluster.start({
    stores: await redisStores(redis.url),
    pair: links.pair,
    timing: { reconnectMs: 3_000, reclaimMs: 3_000, leaseMs: 1_000 },
    // Players are saved only when they leave.
    autosaveMs: 600_000,
  });
});
afterEach(async () => {
  await cluster.stop();
  await redis.stop();
});

test("a map-server that was given up kicks all its players, discards what it had not saved, and connects anew", async () => {
  const account = await cluster.account();
  const player = await play(cluster, account);
  const stored = await rowOf(cluster, player.game.charId);
  await walk(player, { x: 3 });
  links.break("map-1");
  await until(() => player.ended() !== null, { what: "the player is disconnected" });
  expect(player.ended()).toBe("cluster-link-lost");
  await until(async () => (await cluster.lock("world", serverLockKey("map-1"))) === null, {
    what: "the map-server is given up",
  });
  await cluster.untilFree(ticketOf(player));
  const used = cluster.cookies.get("map-1");
  links.mend("map-1");
  await until(() => cluster.mapServer().isLinked, { what: "the map-server is linked" });
  expect(cluster.cookies.get("map-1")).not.toEqual(used);
  expect(await rowOf(cluster, player.game.charId)).toEqual(stored);
  const again = new Walker(cluster, account);
  await logInAgain(again);
  expect(again.position).toMatchObject({ x: stored.x, y: stored.y });
  must(await again.steps.leave());
  await cluster.untilFree(again.ticket);
});
