import { type RunningRedis, startRedis, until } from "@sallyport/testkit";
import { Redis } from "ioredis";
import { afterEach, beforeEach, expect, test } from "vitest";
import { choose, play, rowOf, ticketOf, untilEnded, walk } from "./cluster/player.ts";
import { redisStores } from "./cluster/redis-stores.ts";
import { must, spawn, type TestAccount, TestCluster } from "./cluster/test-cluster.ts";

/*
 * Redis fails over to a replica that lags: all is there, but older than what servers were told. Nobody can notice that
 * by the locks alone. So nothing may rest on it but who has to wait: the fences in Postgres decide who wins.
 */

let redis: RunningRedis;
let client: Redis;
let cluster: TestCluster;
beforeEach(async () => {
  redis = await startRedis();
  client = new Redis(redis.url);
  cluster = await TestCluster.start({
    stores: await redisStores(redis.url, { commandTimeoutMs: 500 }),
    timing: { evictMs: 1_000 },
    autosaveMs: 100,
    secondLogin: "takeover",
  });
});
afterEach(async () => {
  await cluster.stop();
  client.disconnect();
  await redis.stop();
});

/** What a replica has that gets no further; `promote` puts it in the place of the other, at once. */
async function laggingReplica(): Promise<{ promote(): Promise<void> }> {
  const keys = await client.keys("*");
  const dumps = await Promise.all(
    keys.map(async (key) => ({ key, leftMs: await client.pttl(key), dump: await client.dumpBuffer(key) })),
  );
  return {
    async promote() {
      const transaction = client.multi().flushall();
      for (const { key, leftMs, dump } of dumps) {
        if (dump !== null) transaction.restore(key, Math.max(0, leftMs), dump);
      }
      await transaction.exec();
      await client.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    },
  };
}

async function untilIn(account: TestAccount) {
  return until(() => play(cluster, account).catch(() => null), { what: `${account.name} is in the world` });
}

async function untilSavedAt(charId: Parameters<typeof rowOf>[1], x: number): Promise<void> {
  await until(async () => (await rowOf(cluster, charId)).x === x, { what: `the character is saved at ${x}` });
}

test("who came since plays on and is saved, and whoever logs in for it next takes over", async () => {
  const account = await cluster.account();
  const replica = await laggingReplica();
  const player = await play(cluster, account);
  await replica.promote();
  await walk(player, { x: 2 });
  await untilSavedAt(player.game.charId, spawn.x + 2);
  expect(player.ended()).toBeNull();

  const newer = await untilIn(account);
  await untilEnded(player);
  expect(newer.game.position).toEqual({ ...spawn, x: spawn.x + 2 });
  must(await newer.game.leave());
  await cluster.untilFree(ticketOf(newer));
});

test("who left since is let in again, though the locks say that it plays", async () => {
  const account = await cluster.account();
  const player = await play(cluster, account);
  const replica = await laggingReplica();
  await walk(player, { x: 2 });
  must(await player.game.leave());
  await replica.promote();

  const newer = await untilIn(account);
  expect(newer.game.position).toEqual({ ...spawn, x: spawn.x + 2 });
  must(await newer.game.leave());
  await cluster.untilFree(ticketOf(newer));
});

test("where the locks name the login before, the newest one has the character, and saves it", async () => {
  const account = await cluster.account();
  const first = await play(cluster, account);
  const replica = await laggingReplica();
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

test("who was choosing, or had chosen since, is let in again within the timers", async () => {
  const account = await cluster.account();
  const chooser = await choose(cluster, account);
  const replica = await laggingReplica();
  const game = must(await chooser.select.choose(chooser.character.charId));
  await replica.promote();
  must(await game.walk(spawn.x + 1, spawn.y));
  await untilSavedAt(game.charId, spawn.x + 1);

  const newer = await untilIn(account);
  expect(newer.game.position).toEqual({ ...spawn, x: spawn.x + 1 });
  must(await newer.game.leave());
  await cluster.untilFree(ticketOf(newer));
});
