import { systemClock } from "@sallyport/clock";
import { must, type RunningRedis, startRedis, until } from "@sallyport/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { play, rowOf, ticketOf, walk } from "./cluster/player.ts";
import { redisStores } from "./cluster/redis-stores.ts";
import { spawn, TestCluster } from "./cluster/test-cluster.ts";

/* Redis answers every command one second late, and no timer runs out because of that. */

const aSecondLate = () => new Promise<void>((resolve) => systemClock.after(1_000, resolve));

let redis: RunningRedis;
let cluster: TestCluster;
let isSlow = false;
let renewals = 0;
beforeEach(async () => {
  isSlow = false;
  renewals = 0;
  redis = await startRedis();
  cluster = await TestCluster.start({
    stores: await redisStores(redis.url),
    autosaveMs: 100,
    around: async (what, run) => {
      if (isSlow && /^(login|world)\./.test(what)) await aSecondLate();
      const value = await run();
      if (isSlow && what.endsWith(".connected")) renewals += 1;
      return value;
    },
  });
});
afterEach(async () => {
  isSlow = false;
  await cluster.stop();
  await redis.stop();
});

test("while every command takes a second, players play on and are saved, and new clients get an answer", async () => {
  const accounts = [await cluster.account(), await cluster.account()] as const;
  const player = await play(cluster, accounts[0]);
  isSlow = true;
  const answer = await cluster.client().logIn({ ...accounts[1], way: "raw" });
  expect(answer.ok || answer.refusal === "unavailable").toBe(true);
  await walk(player, { x: 2 });
  await until(async () => (await rowOf(cluster, player.game.charId)).x === spawn.x + 2, {
    what: "the player is saved",
  });
  await until(() => renewals >= 6, { what: "leases have been renewed" });
  expect(player.ended()).toBeNull();
  isSlow = false;
  const newcomer = await until(() => play(cluster, accounts[1]), { what: "the second is admitted" });
  must(await newcomer.game.leave());
  must(await player.game.leave());
  await cluster.untilFree(ticketOf(player));
});
