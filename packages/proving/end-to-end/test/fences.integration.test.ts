import { migrate } from "@sallyport/database";
import {
  must,
  type RunningRedis,
  startRedis,
  type TestDatabase,
  testDatabase,
  until,
} from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addCharacter } from "./cluster/crowd.ts";
import { Gate } from "./cluster/gate.ts";
import type { Around } from "./cluster/life.ts";
import { choose, play, raiseFence, rowOf, ticketOf, untilEnded, walk } from "./cluster/player.ts";
import { redisStores, remainsOfLocks } from "./cluster/redis-stores.ts";
import { stepCounting } from "./cluster/step-counting.ts";
import { Tap } from "./cluster/tap.ts";
import { spawn, TestCluster, type TestClusterOptions } from "./cluster/test-cluster.ts";

/*
 * Redis decides who tries, Postgres decides who wins. In these tests, servers still act as owners after they
 * lost their locks. Postgres refuses all their writes, whether or not Redis still knows these servers.
 */

let redis: RunningRedis;
let database: TestDatabase;
const clusters: TestCluster[] = [];
beforeEach(async () => {
  [redis, database] = await Promise.all([startRedis(), testDatabase({ migrate: (url) => migrate(url) })]);
});
afterEach(async () => {
  for (const cluster of clusters.splice(0).reverse()) await cluster.stop();
  await Promise.all([redis.stop(), database.drop()]);
});

async function start(options: TestClusterOptions = {}): Promise<TestCluster> {
  const cluster = await TestCluster.start({
    ...{ stores: await redisStores(redis.url), database },
    ...stepCounting,
    ...options,
  });
  clusters.push(cluster);
  return cluster;
}

/** Counts the saves that were sent and answered. */
class SaveCount {
  count = 0;
  readonly around: Around;

  constructor(around: Around = (_what, run) => run()) {
    this.around = async (what, run) => {
      const value = await around(what, run);
      if (what === "character-save-many") this.count += 1;
      return value;
    };
  }
}

/** Stops the cluster now, and not only at the end of the test. */
async function stop(cluster: TestCluster): Promise<void> {
  clusters.splice(clusters.indexOf(cluster), 1);
  await cluster.stop();
}

describe("after all servers were started again on another Redis without the locks,", () => {
  let elsewhere: RunningRedis;
  beforeEach(async () => {
    elsewhere = await startRedis();
  });
  afterEach(async () => {
    for (const cluster of clusters.splice(0).reverse()) await cluster.stop();
    await elsewhere.stop();
  });

  const startElsewhere = async (): Promise<TestCluster> =>
    start({ stores: await redisStores(elsewhere.url) });

  /**
   * Plays on the stale servers, two cells from the last saved position. Then plays on the new servers, three
   * cells in the other direction.
   */
  async function playTwice(stale: TestCluster) {
    const account = await stale.account();
    const older = await play(stale, account);
    await walk(older, { x: 2 });
    const fresh = await startElsewhere();
    const newer = await play(fresh, account);
    expect(newer.game.position).toEqual(spawn);
    await walk(newer, { x: -3 });
    return { fresh, older, newer };
  }
  type Twice = Awaited<ReturnType<typeof playTwice>>;

  async function expectNewerStands({ fresh, newer }: Omit<Twice, "older">, steps = 3): Promise<void> {
    expect(newer.ended()).toBeNull();
    const { accountId } = ticketOf(newer);
    expect(await fresh.accountLock({ accountId })).toMatchObject({ state: "held" });
    expect(await fresh.characterLock({ accountId })).toMatchObject({ state: "playing" });
    must(await newer.game.leave());
    const row = await rowOf(fresh, newer.game.charId);
    expect(row).toMatchObject({ ...spawn, x: spawn.x - 3, attributes: { steps } });
    await stop(fresh);
    expect(await remainsOfLocks(elsewhere.url)).toEqual([]);
  }

  test("a stale autosave is refused, its client is told, and the newer state stays", async () => {
    const stale = await start({ autosaveMs: 100 });
    const account = await stale.account();
    const older = await play(stale, account);
    await walk(older, { x: 2 });
    await until(async () => (await rowOf(stale, older.game.charId)).x === spawn.x + 2, {
      what: "an autosave while it was not stale",
    });
    const fresh = await startElsewhere();
    const newer = await play(fresh, account);
    expect(newer.game.position).toEqual({ ...spawn, x: spawn.x + 2 });
    const taken = await rowOf(fresh, newer.game.charId);
    await older.game.walk(spawn.x + 9, spawn.y);
    expect(await untilEnded(older)).toBe("lock-lost");
    await until(() => stale.mapServer().playerCount === 0, { what: "the stale map-server drops its player" });
    expect(await rowOf(fresh, newer.game.charId)).toEqual(taken);

    // The stale servers do not restore the old state when they stop either.
    await stop(stale);
    await walk(newer, { x: -5 });
    await expectNewerStands({ fresh, newer }, 7);
  });

  const lastSaves = [
    ["its client leaves", async ({ older }: Twice) => void (await older.game.leave()), "lock-lost"],
    ["its client is cut off", async ({ older }: Twice) => older.game.destroy(), "left"],
    ["it is stopped", (_: Twice, stale: TestCluster) => stale.mapServer().stop(), "server-stopping"],
  ] as const;

  test.each(lastSaves)("the last save of a stale map-server is refused when %s", async (_, end, told) => {
    const saves = new SaveCount();
    const stale = await start({ around: saves.around });
    const twice = await playTwice(stale);
    const taken = await rowOf(stale, twice.newer.game.charId);
    saves.count = 0;
    await end(twice, stale);
    expect(await untilEnded(twice.older)).toBe(told);
    await until(() => saves.count === 1, { what: "the stale server tries to save" });
    await until(() => stale.mapServer().playerCount === 0, { what: "the stale server has no players" });
    expect(await rowOf(stale, twice.newer.game.charId)).toEqual(taken);
    await expectNewerStands(twice);
  });

  test("a stale map-server cannot save a character of an account that now plays another one", async () => {
    const saves = new SaveCount();
    const stale = await start({ around: saves.around });
    const account = await stale.account();
    const another = await addCharacter(stale, account, { slot: 1, position: spawn });
    const older = await play(stale, account);
    await walk(older, { x: 2 });
    const fresh = await startElsewhere();
    const { select } = await choose(fresh, account);
    const newer = must(await select.choose(another));
    const before = await rowOf(fresh, older.game.charId);
    saves.count = 0;
    await older.game.leave();
    expect(saves.count).toBe(1);
    expect(await untilEnded(older)).toBe("lock-lost");
    expect(await rowOf(fresh, older.game.charId)).toEqual(before);
    must(await newer.leave());
  });

  const choices = [
    ["create", (older: Chooser) => older.select.create({ slot: 1, name: "latecomer" })],
    ["delete", (older: Chooser) => older.select.delete(older.character.charId)],
    ["choose", (older: Chooser) => older.select.choose(older.character.charId)],
  ] as const;
  type Chooser = Awaited<ReturnType<typeof choose>>;

  test.each(choices)("a stale char-server cannot %s a character, and its client is told", async (_, act) => {
    const stale = await start();
    const account = await stale.account();
    const older = await choose(stale, account);
    const fresh = await startElsewhere();
    const newer = await play(fresh, account);
    const taken = await rowOf(fresh, newer.game.charId);
    expect((await act(older)).ok).toBe(false);
    expect(await untilEnded(older)).toBe("lock-lost");
    expect(await rowOf(fresh, newer.game.charId)).toEqual(taken);
    await walk(newer, { x: -3 });
    const back = must(await newer.game.backToCharSelect());
    expect(back.characters).toHaveLength(1);
    back.leave();
  });
});

describe("in one cluster,", () => {
  test("a server that was delayed past the evict deadline saves late, and is refused", async () => {
    const gate = new Gate();
    const saves = new SaveCount(gate.around);
    const cluster = await start({
      timing: { evictMs: 300 },
      secondLogin: "takeover",
      around: saves.around,
    });
    const account = await cluster.account();
    const older = await play(cluster, account);
    await walk(older, { x: 2 });
    const lastSave = gate.hold("before", "character-save-many");
    const newcomer = play(cluster, account);
    await lastSave.reached();
    const newer = await newcomer;
    expect(await untilEnded(older)).toBe("logged-in-elsewhere");
    expect(newer.game.position).toEqual(spawn);
    const taken = await rowOf(cluster, newer.game.charId);
    const before = saves.count;
    lastSave.open();
    await until(() => saves.count > before, { what: "the late save is tried" });
    expect(await rowOf(cluster, newer.game.charId)).toEqual(taken);
    await walk(newer, { x: -3 });
    expect(newer.ended()).toBeNull();
    must(await newer.game.leave());
    expect(await rowOf(cluster, newer.game.charId)).toMatchObject({
      x: spawn.x - 3,
      attributes: { steps: 3 },
    });
  });

  test("a map-server that was unreachable past the evict deadline saves late, and is refused", async () => {
    const tap = new Tap();
    const cluster = await start({ timing: { evictMs: 300 }, secondLogin: "takeover", pair: tap.pair });
    const account = await cluster.account();
    const older = await play(cluster, account);
    await walk(older, { x: 2 });
    const { fence } = await rowOf(cluster, older.game.charId);
    const speakAgain = tap.keepBack("map-1");
    const newcomer = play(cluster, account);
    await until(async () => (await rowOf(cluster, older.game.charId)).fence > fence, {
      what: "the character is on its way to its newer owner",
    });
    expect(await untilEnded(older)).toBe("logged-in-elsewhere");
    speakAgain();
    const newer = await newcomer;
    expect(newer.game.position).toEqual(spawn);
    await walk(newer, { x: -3 });
    expect(await rowOf(cluster, older.game.charId)).toMatchObject({ x: spawn.x, attributes: {} });
    must(await newer.game.leave());
    expect(await rowOf(cluster, newer.game.charId)).toMatchObject({
      x: spawn.x - 3,
      attributes: { steps: 3 },
    });
  });

  test("a save refused as lost removes exactly that player, with its lock", async () => {
    const cluster = await start({ autosaveMs: 100 });
    const accounts = [await cluster.account(), await cluster.account()] as const;
    const robbed = await play(cluster, accounts[0]);
    const other = await play(cluster, accounts[1]);
    expect([...other.game.actors.keys()]).toEqual([robbed.game.charId]);
    await raiseFence(cluster, robbed.game.charId);
    // The refused save may come before the walk is over.
    await robbed.game.walk(spawn.x + 2, spawn.y);
    expect(await untilEnded(robbed)).toBe("lock-lost");
    await until(() => other.game.actors.size === 0, { what: "the other sees it vanish" });
    await cluster.untilFree(ticketOf(robbed));
    const back = await play(cluster, accounts[0]);
    expect(back.game.position).toEqual(spawn);

    await walk(other, { x: 4 });
    await until(async () => (await rowOf(cluster, other.game.charId)).x === other.game.position.x, {
      what: "the other is saved",
    });
    expect(other.ended()).toBeNull();
    expect(cluster.mapServer().playerCount).toBe(2);
  });
});
