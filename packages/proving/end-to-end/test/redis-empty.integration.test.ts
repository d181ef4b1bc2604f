import { must, once, type RunningRedis, startRedis, until } from "@sallyport/testkit";
import { expect, test } from "vitest";
import { choose, play, rowOf, ticketOf, walk } from "./cluster/player.ts";
import { redisStores } from "./cluster/redis-stores.ts";
import { spawn, type TestAccount, TestCluster } from "./cluster/test-cluster.ts";

/* Redis comes back without its data while players play. The servers know their own locks. */

const timing = { leaseMs: 600, reconnectMs: 5_000, reclaimMs: 5_000 };
/** On a busy machine, it takes servers some seconds to restore their locks. */
const graceMs = 10_000;

interface Scene {
  readonly redis: RunningRedis;
  readonly stores: Awaited<ReturnType<typeof redisStores>>;
  readonly cluster: TestCluster;
  readonly accounts: readonly [TestAccount, TestAccount];
}

/** Each test has a Redis and a cluster of its own, because all wait for the grace period at the same time. */
function inScene<Args extends readonly unknown[]>(
  run: (scene: Scene, ...args: Args) => Promise<void>,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    const redis = await startRedis();
    const stores = await redisStores(redis.url, { commandTimeoutMs: 1_000, graceMs });
    const cluster = await TestCluster.start({ stores, timing, autosaveMs: 100, secondLogin: "takeover" });
    try {
      const accounts = [await cluster.account(), await cluster.account()] as const;
      await run({ redis, stores, cluster, accounts }, ...args);
    } finally {
      await cluster.stop();
      await redis.stop();
    }
  };
}

const empties = [
  ["emptied", ({ redis }: Scene) => redis.flushAll()],
  ["killed, and started without its data", ({ redis }: Scene) => redis.kill().then(() => redis.start())],
] as const;

const refusedNow = { ok: false, refusal: "unavailable", retryAfterMs: expect.any(Number) };

async function untilPutBack(
  { cluster }: Scene,
  { accountId }: { accountId: number },
  state = "playing",
): Promise<void> {
  await until(
    async () =>
      (await cluster.accountLock({ accountId }))?.state === "held" &&
      (await cluster.characterLock({ accountId }))?.state === state,
    { what: `the locks of account ${accountId} are restored` },
  );
}

test.concurrent.each(empties)(
  "when Redis is %s, players play on, and other clients are admitted later",
  inScene(async (scene, _: string, empty) => {
    const { cluster, accounts } = scene;
    const player = await play(cluster, accounts[0]);
    const chooser = await choose(cluster, accounts[1]);
    const before = await cluster.characterLock(ticketOf(player));
    await empty(scene);
    const logIn = (): Promise<unknown> => cluster.client().logIn({ ...accounts[0], way: "raw" });
    await until(async () => expect(await logIn()).toMatchObject(refusedNow), { what: "logins are refused" });
    await walk(player, { x: 2 });
    await untilPutBack(scene, ticketOf(player));
    await untilPutBack(scene, chooser.client.ticket as never, "choosing");
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
  }),
);

/** While Redis is empty, a link drops and comes back with the cookie, or a process restarts. */
const together = [
  [
    "the map-server lost its link",
    async ({ cluster }: Scene) => {
      for (const [end] of cluster.mapServers.get("map-1")?.links ?? []) end.destroy();
    },
  ],
  [
    "the char-server was killed, and started again",
    async ({ cluster }: Scene) => {
      cluster.kill("char");
      await cluster.startChar();
    },
  ],
  [
    "the login-server was killed, and started again",
    async ({ cluster }: Scene) => {
      cluster.kill("login");
      cluster.startLogin();
    },
  ],
  [
    "the login-server and the char-server were killed, and started again",
    async ({ cluster }: Scene) => {
      cluster.kill("login");
      cluster.kill("char");
      cluster.startLogin();
      await cluster.startChar();
    },
  ],
] as const;

test.concurrent.each(together)(
  "when Redis is emptied and %s, players play on",
  inScene(async (scene, _: string, happens) => {
    const { redis, cluster, accounts } = scene;
    const [account] = accounts;
    const player = await play(cluster, account);
    await redis.flushAll();
    await happens(scene);
    await untilPutBack(scene, ticketOf(player));
    await walk(player, { x: 2 });
    await until(async () => (await rowOf(cluster, player.game.charId)).x === spawn.x + 2, {
      what: "the player is saved",
    });
    expect(player.ended()).toBeNull();
    const newer = await until(() => play(cluster, account), { what: "a login is admitted again" });
    expect(player.ended()).toBe("logged-in-elsewhere");
    must(await newer.game.leave());
    await cluster.untilFree(ticketOf(newer));
  }),
);

test.concurrent(
  "the locks of a map-server that died as Redis was emptied are free once the others restored theirs",
  inScene(async ({ redis, cluster, accounts: [account] }) => {
    const player = await play(cluster, account);
    cluster.kill({ map: "map-1" });
    await redis.flushAll();
    await cluster.startMap("map-2");
    const newer = await until(() => play(cluster, account), { what: "a login is admitted again" });
    expect(player.ended()).not.toBeNull();
    must(await newer.game.leave());
    await cluster.untilFree(ticketOf(newer));
  }),
);

test.concurrent(
  "a player that leaves before its locks are restored has no locks afterwards",
  inScene(async ({ redis, cluster, accounts }) => {
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
  }),
);

async function loseWorld({ redis, stores }: Scene): Promise<void> {
  await once(redis.url, async (client) => client.del(await client.keys("*{world:*")));
  await until(() => stores.world.losses.count === 1, { what: "the loss is noticed" });
}

test.concurrent(
  "if only the locks of a world are lost, a newer login still waits for the older client's save",
  inScene(async (scene) => {
    const { cluster, accounts } = scene;
    const [player, chooser] = [await play(cluster, accounts[0]), await choose(cluster, accounts[1])];
    await walk(player, { x: 2 });
    await loseWorld(scene);
    const newer = await until(() => play(cluster, accounts[0]), { what: "the newer login is in the world" });
    expect(player.ended()).toBe("logged-in-elsewhere");
    expect(newer.game.position).toEqual({ ...spawn, x: spawn.x + 2 });

    const newest = await until(() => play(cluster, accounts[1]), {
      what: "the newest login is in the world",
    });
    expect(chooser.ended()).toBe("logged-in-elsewhere");
    expect(await chooser.select.choose(chooser.character.charId)).toMatchObject({ ok: false });
    for (const each of [newer, newest]) {
      must(await each.game.leave());
      await cluster.untilFree(ticketOf(each));
    }
  }),
);

test.concurrent(
  "if only the locks of a world are lost, no new client enters it until they are restored",
  inScene(async (scene) => {
    const {
      cluster,
      stores,
      accounts: [account, other],
    } = scene;
    const player = await play(cluster, account);
    await loseWorld(scene);
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
  }),
);
