import { type RunningRedis, startRedis, until } from "@sallyport/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { redisStores, remainsOfLocks } from "./cluster/redis-stores.ts";
import { must, TestCluster, type TestClusterOptions } from "./cluster/test-cluster.ts";

/* Every timer is a deadline in Redis: a server that was killed leaves its timers to the next server of its tier. */

let redis: RunningRedis;
let cluster: TestCluster | null = null;
beforeEach(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  await cluster?.stop();
  cluster = null;
  await redis.stop();
});

async function start(options: TestClusterOptions = {}): Promise<TestCluster> {
  cluster = await TestCluster.start({ stores: await redisStores(redis.url), ...options });
  return cluster;
}

test("a login that a killed login-server granted ends by its deadline", async () => {
  const running = await start({ timing: { loginToCharMs: 300 } });
  const account = await running.account();
  const client = running.client();
  const { accountId } = must(await client.logIn({ ...account, way: "raw" }));
  running.kill("login");
  expect(await running.lock("login", `account:${accountId}`)).toMatchObject({ state: "granted" });
  running.startLogin();
  await running.untilFree({ accountId });
});

test("nothing is left in Redis when everybody has left and the servers have stopped", async () => {
  const running = await start();
  const { name } = await running.account();
  expect((await remainsOfLocks(redis.url)).length).toBeGreaterThan(0);
  cluster = null;
  await running.stop();
  await until(async () => (await remainsOfLocks(redis.url)).length === 0, {
    what: `nothing is left of ${name}`,
  });
});
