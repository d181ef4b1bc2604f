import { must, type RunningRedis, startRedis, until } from "@sallyport/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { choose, play, rowOf, ticketOf, untilEnded, walk } from "./cluster/player.ts";
import { redisStores } from "./cluster/redis-stores.ts";
import { spawn, type TestAccount, TestCluster } from "./cluster/test-cluster.ts";

/*
 * Redis fails over to a replica that lacks its newest changes. If a server made one of these changes, it
 * notices the loss. Then all locks count as lost.
 */

const timing = { evictMs: 1_000, leaseMs: 600, reconnectMs: 5_000, reclaimMs: 5_000 };
const graceMs = 6_000;
const refusedNow = { ok: false, refusal: "unavailable", retryAfterMs: expect.any(Number) };

let redis: RunningRedis;
let stores: Awaited<ReturnType<typeof redisStores>>;
let cluster: TestCluster;
beforeEach(async () => {
  redis = await startRedis();
  stores = await redisStores(redis.url, { commandTimeoutMs: 1_000, graceMs });
  cluster = await TestCluster.start({
    stores,
    timing,
    autosaveMs: 100,
    secondLogin: "takeover",
  });
});
afterEach(async () => {
  await cluster.stop();
  await redis.stop();
});

async function untilIn(account: TestAccount) {
  return until(() => play(cluster, account).catch(() => null), { what: `${account.name} is in the world` });
}

async function untilSavedAt(charId: Parameters<typeof rowOf>[1], x: number): Promise<void> {
  await until(async () => (await rowOf(cluster, charId)).x === x, { what: `the character is saved at ${x}` });
}

test("a player who came since plays on and is saved; no client is admitted meanwhile, and a later login takes over", async () => {
  const account = await cluster.account();
  const replica = await redis.laggingReplica();
  const player = await play(cluster, account);
  await replica.promote();
  await until(() => stores.login.losses.count === 1, { what: "the loss is noticed" });
  expect(await cluster.client().logIn({ ...account, way: "raw" })).toMatchObject(refusedNow);
  await walk(player, { x: 2 });
  await untilSavedAt(player.game.charId, spawn.x + 2);
  expect(player.ended()).toBeNull();

  const newer = await untilIn(account);
  await untilEnded(player);
  expect(newer.game.position).toEqual({ ...spawn, x: spawn.x + 2 });
  must(await newer.game.leave());
  await cluster.untilFree(ticketOf(newer));
});

test("a player who left since is admitted again, although the locks say that it plays", async () => {
  const account = await cluster.account();
  const player = await play(cluster, account);
  const replica = await redis.laggingReplica();
  await walk(player, { x: 2 });
  must(await player.game.leave());
  await replica.promote();

  const newer = await untilIn(account);
  expect(newer.game.position).toEqual({ ...spawn, x: spawn.x + 2 });
  must(await newer.game.leave());
  await cluster.untilFree(ticketOf(newer));
});

test("if the locks name an older login, the newest one keeps the character, and saves it", async () => {
  const account = await cluster.account();
  const first = await play(cluster, account);
  const replica = await redis.laggingReplica();
  const second = await play(cluster, account);
  await untilEnded(first);
  await replica.promote();
  await walk(second, { x: 3 });
  await untilSavedAt(second.game.charId, spawn.x + 3);

  const third = await untilIn(account);
  await untilEnded(second);
  expect(third.game.position).toEqual({ ...spawn, x: spawn.x + 3 });
  await walk(third, { x: 1 });
  must(await third.game.leave());
  expect(await rowOf(cluster, third.game.charId)).toMatchObject({ x: spawn.x + 4 });
  await cluster.untilFree(ticketOf(third));
});

test("a client that was choosing, or had chosen since, is admitted again within the timers", async () => {
  const account = await cluster.account();
  const chooser = await choose(cluster, account);
  const replica = await redis.laggingReplica();
  const game = must(await chooser.select.choose(chooser.character.charId));
  await replica.promote();
  must(await game.walk(spawn.x + 1, spawn.y));
  await untilSavedAt(game.charId, spawn.x + 1);

  const newer = await untilIn(account);
  expect(stores.world.losses.count).toBe(1);
  expect(newer.game.position).toEqual({ ...spawn, x: spawn.x + 1 });
  must(await newer.game.leave());
  await cluster.untilFree(ticketOf(newer));
});
