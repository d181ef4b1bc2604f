import { serverLockKey } from "@sallyport/lock-core";
import { must, type RunningRedis, startRedis, until } from "@sallyport/testkit";
import { Redis } from "ioredis";
import { afterEach, beforeEach, expect, test } from "vitest";
import { choose, play, rowOf, ticketOf, walk } from "./cluster/player.ts";
import { redisStores } from "./cluster/redis-stores.ts";
import { spawn, TestCluster } from "./cluster/test-cluster.ts";

/*
 * Redis does not answer for longer than the lease of a server lock, and comes back with its data. The locks
 * have then run out before they could be renewed.
 */

const timing = { leaseMs: 600, reconnectMs: 10_000 };
/**
 * Server locks are renewed three times in each lease, at both tiers. So all leases are over after this many
 * failed renewals.
 */
const failuresMin = 8;

async function tell(...command: [name: string, ...args: string[]]): Promise<void> {
  const client = new Redis(redis.url);
  await client.call(...command);
  client.disconnect();
}

let redis: RunningRedis;
let cluster: TestCluster;
let failures = 0;
/** Renewals of server locks wait for this promise. */
let renewing: Promise<void> = Promise.resolve();
let renew: () => void = () => {};
beforeEach(async () => {
  redis = await startRedis({ persistent: true });
  cluster = await TestCluster.start({
    stores: await redisStores(redis.url, { commandTimeoutMs: 1_000 }),
    timing,
    autosaveMs: 100,
    around: async (what, run) => {
      if (what.endsWith(".connected")) await renewing;
      return run().catch((error) => {
        if (/^(login|world)\./.test(what)) failures += 1;
        throw error;
      });
    },
  });
  failures = 0;
});
afterEach(async () => {
  renew();
  await cluster.stop();
  await redis.stop();
});

/** Holds renewals until `renew` is called. */
function holdUpRenewals(): void {
  renewing = new Promise((resolve) => {
    renew = resolve;
  });
}

const isAway = async (tier: "login" | "world", server: string): Promise<boolean> =>
  (await cluster.lock(tier, serverLockKey(server)))?.state === "away";

const faults = [
  ["killed", () => redis.kill(), () => redis.start()],
  ["paused", async () => redis.pause(), async () => redis.resume()],
  ["full", () => tell("CONFIG", "SET", "maxmemory", "1"), () => tell("CONFIG", "SET", "maxmemory", "0")],
  ["a replica of nothing", () => tell("REPLICAOF", "127.0.0.1", "1"), () => tell("REPLICAOF", "NO", "ONE")],
] as const;

test.each(faults)(
  "while Redis is %s, players play on and are saved, and no other client is admitted",
  async (_, away, back) => {
    const accounts = [await cluster.account(), await cluster.account(), await cluster.account()] as const;
    const player = await play(cluster, accounts[0]);
    const chooser = await choose(cluster, accounts[1]);
    const onTheWay = cluster.client();
    must(await onTheWay.logIn({ ...(await cluster.account()), way: "raw" }));
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
    expect(await chooser.select.choose(chooser.character.charId)).toMatchObject({ refusal: "unavailable" });
    expect(chooser.select.isOpen).toBe(true);
    expect(await onTheWay.enterWorld(cluster.charAddress)).toMatchObject({ refusal: "unavailable" });
    await until(() => failures >= failuresMin, { what: "the servers' locks are past their deadlines" });
    holdUpRenewals();
    await back();
    await until(async () => (await isAway("login", "alpha")) && (await isAway("world", "map-1")), {
      what: "they count as away",
    });
    renew();
    const entered = await until(
      async () => {
        const select = await onTheWay.enterWorld(cluster.charAddress);
        return select.ok ? select.value : null;
      },
      { what: "refused ids are valid" },
    );
    entered.leave();
    const newcomer = await until(() => play(cluster, accounts[2]), { what: "the third is admitted" });
    must(await newcomer.game.leave());
    const chosen = await until(() => play(cluster, accounts[1]), { what: "the second is admitted again" });
    must(await chosen.game.leave());
    expect(player.ended()).toBeNull();
    await walk(player, { x: 1 });
    must(await player.game.leave());
    await cluster.untilFree(ticketOf(player));
    expect(await rowOf(cluster, player.game.charId)).toMatchObject({ x: spawn.x + 3 });
  },
);
