import { must, once, type RunningRedis, startRedis, until } from "@sallyport/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { choose, play, rowOf, ticketOf, walk } from "./cluster/player.ts";
import { redisStores } from "./cluster/redis-stores.ts";
import { spawn, type TestAccount, TestCluster } from "./cluster/test-cluster.ts";

/* Redis comes back without its data while players play. The servers know their own locks. */

const timing = { leaseMs: 600, reconnectMs: 5_000, reclaimMs: 5_000 };
const graceMs = 4_000;

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

const empties = [
  ["emptied", () => redis.flushAll()],
  ["killed, and started without its data", () => redis.kill().then(() => redis.start())],
] as const;

async function twoAccounts(): Promise<readonly [TestAccount, TestAccount]> {
  return [await cluster.account(), await cluster.account()];
}

const refusedNow = { ok: false, refusal: "unavailable", retryAfterMs: expect.any(Number) };

async function untilPutBack({ accountId }: { accountId: number }, state = "playing"): Promise<void> {
  await until(
    async () =>
      (await cluster.accountLock({ accountId }))?.state === "held" &&
      (await cluster.characterLock({ accountId }))?.state === state,
    { what: `the locks of account ${accountId} are restored` },
  );
}

test.each(empties)(
  "when Redis is %s, players play on, and other clients are admitted later",
  async (_, empty) => {
    const accounts = await twoAccounts();
    const player = await play(cluster, accounts[0]);
    const chooser = await choose(cluster, accounts[1]);
    const before = await cluster.characterLock(ticketOf(player));
    await empty();
    const logIn = (): Promise<unknown> => cluster.client().logIn({ ...accounts[0], way: "raw" });
    await until(async () => expect(await logIn()).toMatchObject(refusedNow), { what: "logins are refused" });
    await walk(player, { x: 2 });
    await untilPutBack(ticketOf(player));
    await untilPutBack(chooser.client.ticket as never, "choosing");
    expect(await logIn()).toMatchObject(refusedNow);
    const after = await cluster.characterLock(ticketOf(player));
    expect({ ...after, owner: null }).toEqual({ ...before, owner: null });
    await until(async () => (await rowOf(cluster, player.game.charId)).x === spawn.x + 2, {
      what: "the player is saved",
    });
    const second = must(await chooser.select.choose(chooser.character.charId));
    expect(player.ended()).toBeNull();

    const newer = await until(() => play(cluster, accounts[0]), { what: "a login is admitted again" });
    expect(player.ended()).toBe("logged-in-elsewhere");
    expect(newer.game.position).toEqual({ ...spawn, x: spawn.x + 2 });
    must(await newer.game.leave());
    must(await second.leave());
    for (const { accountId } of [ticketOf(player), ticketOf(newer)]) await cluster.untilFree({ accountId });
  },
);

/** While Redis is empty, a link drops and comes back with the cookie, or a process restarts. */
const together = [
  [
    "the map-server lost its link",
    async () => {
      for (const [end] of cluster.mapServers.get("map-1")?.links ?? []) end.destroy();
    },
  ],
  [
    "the char-server was killed, and started again",
    async () => {
      cluster.kill("char");
      await cluster.startChar();
    },
  ],
  [
    "the login-server was killed, and started again",
    async () => {
      cluster.kill("login");
      cluster.startLogin();
    },
  ],
  [
    "the login-server and the char-server were killed, and started again",
    async () => {
      cluster.kill("login");
      cluster.kill("char");
      cluster.startLogin();
      await cluster.startChar();
    },
  ],
] as const;

test.each(together)("when Redis is emptied and %s, players play on", async (_, happens) => {
  const [account] = await twoAccounts();
  const player = await play(cluster, account);
  await redis.flushAll();
  await happens();
  await untilPutBack(ticketOf(player));
  await walk(player, { x: 2 });
  await until(async () => (await rowOf(cluster, player.game.charId)).x === spawn.x + 2, {
    what: "the player is saved",
  });
  expect(player.ended()).toBeNull();
  const newer = await until(() => play(cluster, account), { what: "a login is admitted again" });
  expect(player.ended()).toBe("logged-in-elsewhere");
  must(await newer.game.leave());
  await cluster.untilFree(ticketOf(newer));
});

test("the locks of a map-server that died as Redis was emptied are free once the others restored theirs", async () => {
  const [account] = await twoAccounts();
  const player = await play(cluster, account);
  cluster.kill({ map: "map-1" });
  await redis.flushAll();
  await cluster.startMap("map-2");
  const newer = await until(() => play(cluster, account), { what: "a login is admitted again" });
  expect(player.ended()).not.toBeNull();
  must(await newer.game.leave());
  await cluster.untilFree(ticketOf(newer));
});

test("a player that leaves before its locks are restored has no locks afterwards", async () => {
  const accounts = await twoAccounts();
  const [player, chooser] = [await play(cluster, accounts[0]), await choose(cluster, accounts[1])];
  await redis.flushAll();
  await walk(player, { x: 1 });
  must(await player.game.leave());
  chooser.select.leave();
  expect(await rowOf(cluster, player.game.charId)).toMatchObject({ x: spawn.x + 1 });
  for (const account of accounts) {
    const newer = await until(() => play(cluster, account), { what: "a login is admitted again" });
    must(await newer.game.leave());
    await cluster.untilFree(ticketOf(newer));
  }
});

async function loseWorld(): Promise<void> {
  await once(redis.url, async (client) => client.del(await client.keys("*{world:*")));
  await until(() => stores.world.losses.count === 1, { what: "the loss is noticed" });
}

test("if only the locks of a world are lost, a newer login still waits for the older client's save", async () => {
  const accounts = await twoAccounts();
  const [player, chooser] = [await play(cluster, accounts[0]), await choose(cluster, accounts[1])];
  await walk(player, { x: 2 });
  await loseWorld();
  const newer = await until(() => play(cluster, accounts[0]), { what: "the newer login is in the world" });
  expect(player.ended()).toBe("logged-in-elsewhere");
  expect(newer.game.position).toEqual({ ...spawn, x: spawn.x + 2 });

  const newest = await until(() => play(cluster, accounts[1]), { what: "the newest login is in the world" });
  expect(chooser.ended()).toBe("logged-in-elsewhere");
  expect(await chooser.select.choose(chooser.character.charId)).toMatchObject({ ok: false });
  for (const each of [newer, newest]) {
    must(await each.game.leave());
    await cluster.untilFree(ticketOf(each));
  }
});

test("if only the locks of a world are lost, no new client enters it until they are restored", async () => {
  const [account, other] = await twoAccounts();
  const player = await play(cluster, account);
  await loseWorld();
  const client = cluster.client();
  must(await client.logIn({ ...other, way: "raw" }));
  expect(await client.enterWorld(cluster.charAddress)).toMatchObject(refusedNow);

  const newer = await until(() => play(cluster, other), { what: "the world is open again" });
  expect(stores.world.losses.graceLeftMs()).toBe(0);
  await walk(player, { x: 1 });
  for (const each of [player, newer]) {
    must(await each.game.leave());
    await cluster.untilFree(ticketOf(each));
  }
});
