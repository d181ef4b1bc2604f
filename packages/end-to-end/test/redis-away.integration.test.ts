import { type RunningRedis, startRedis, until } from "@sallyport/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { choose, play, rowOf, ticketOf, walk } from "./cluster/player.ts";
import { redisStores } from "./cluster/redis-stores.ts";
import { must, spawn, TestCluster } from "./cluster/test-cluster.ts";

/* Redis does not answer for longer than servers may go without renewing their locks, and is back with its data. */

const timing = { leaseMs: 600, reconnectMs: 600 };
/** Renewals are asked for three times a lease; after so many the lease and the reconnect timer are over. */
const failuresMin = 8;

let redis: RunningRedis;
let cluster: TestCluster;
let failedRenewals = 0;
beforeEach(async () => {
  redis = await startRedis({ persistent: true });
  cluster = await TestCluster.start({
    stores: await redisStores(redis.url, { commandTimeoutMs: 200 }),
    timing,
    autosaveMs: 100,
    around: (what, run) =>
      run().catch((error) => {
        if (what === "login.load") failedRenewals += 1;
        throw error;
      }),
  });
  failedRenewals = 0;
});
afterEach(async () => {
  await cluster.stop();
  await redis.stop();
});

const faults = [
  ["killed", () => redis.kill(), () => redis.start()],
  ["paused", async () => redis.pause(), async () => redis.resume()],
] as const;

test.each(faults)(
  "while Redis is %s, who plays plays on and is saved, and nobody else is let in",
  async (_, away, back) => {
    const accounts = [await cluster.account(), await cluster.account(), await cluster.account()] as const;
    const player = await play(cluster, accounts[0]);
    const chooser = await choose(cluster, accounts[1]);
    await away();
    await walk(player, { x: 2 });
    await until(async () => (await rowOf(cluster, player.game.charId)).x === spawn.x + 2, {
      what: "the player is saved",
    });
    const late = cluster.client();
    expect(await late.logIn({ ...accounts[2], way: "raw" })).toMatchObject({
      refusal: "unavailable",
      retryAfterMs: expect.any(Number),
    });
    expect(await chooser.select.choose(chooser.character.charId)).toMatchObject({ ok: false });
    await until(() => failedRenewals >= failuresMin, { what: "the servers' locks are past their deadlines" });
    await back();
    const newcomer = await until(() => play(cluster, accounts[2]), { what: "the third is let in" });
    must(await newcomer.game.leave());
    const chosen = await until(() => play(cluster, accounts[1]), { what: "the second is let in again" });
    must(await chosen.game.leave());
    expect(player.ended()).toBeNull();
    await walk(player, { x: 1 });
    must(await player.game.leave());
    await cluster.untilFree(ticketOf(player));
    expect(await rowOf(cluster, player.game.charId)).toMatchObject({ x: spawn.x + 3 });
  },
);
