import { Unavailable } from "@sallyport/domain";
import { must, type RunningRedis, startRedis, until } from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Gate } from "./cluster/gate.ts";
import type { Around } from "./cluster/life.ts";
import { type Player, play, rowOf, ticketOf, untilEnded, walk } from "./cluster/player.ts";
import { redisStores } from "./cluster/redis-stores.ts";
import { stepCounting } from "./cluster/step-counting.ts";
import { spawn, type TestAccount, TestCluster, type TestClusterOptions } from "./cluster/test-cluster.ts";

/*
 * Servers save a player while it plays, when the player or a server leaves, and when a server is killed. No
 * save is lost.
 */

let redis: RunningRedis;
let cluster: TestCluster;
beforeEach(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  await cluster.stop();
  await redis.stop();
});

async function start(options: TestClusterOptions = {}): Promise<void> {
  cluster = await TestCluster.start({ stores: await redisStores(redis.url), ...stepCounting, ...options });
}

/** Plays again once the timers of the killed servers have freed the account. */
const playAgain = (account: TestAccount): Promise<Player> =>
  until(() => play(cluster, account), { what: `${account.name} is admitted again` });

const rowOfPlayer = ({ game }: Player) => rowOf(cluster, game.charId);

async function untilSavedAt(player: Player, x: number): Promise<void> {
  await until(async () => (await rowOfPlayer(player)).x === x, { what: `${player.game.name} is saved` });
}

test("a char-server that stops for good keeps the lock of a player who is not saved in time", async () => {
  const gate = new Gate();
  const askedMs = new Map<string, number>();
  const doneMs = new Map<string, number>();
  const around: Around = async (what, run) => {
    if (!askedMs.has(what)) askedMs.set(what, performance.now());
    const done = await gate.around(what, run);
    if (!doneMs.has(what)) doneMs.set(what, performance.now());
    return done;
  };
  const evictMs = 400;
  await start({ timing: { evictMs }, around });
  const player = await play(cluster, await cluster.account());
  const { accountId } = ticketOf(player);
  for (const times of [askedMs, doneMs]) times.clear();
  await walk(player, { x: 2 });
  const lastSave = gate.hold("before", "character-save-many");
  const stopped = cluster.char.stop("release");
  await lastSave.reached();
  await stopped;
  const lock = await cluster.characterLock({ accountId });
  const keptMs = (doneMs.get("world.free") ?? Infinity) - (askedMs.get("world.evicting") ?? Infinity);
  // A sweep may already have carried out the evict timer; nothing else ends the lock.
  if (lock === null) expect(keptMs).toBeGreaterThanOrEqual(evictMs - 10);
  else expect(lock.state).toBe("evicting");
  lastSave.open();
});

describe("a killed server loses only changes after the last save, which was", () => {
  /**
   * Short timers, so that accounts are free soon after a server was killed. But servers give up their players if
   * the machine does not let them run for `reconnectMs`.
   */
  const timing = { leaseMs: 1_000, reconnectMs: 2_500 };

  test("the one at leaving, when the map-server is killed", async () => {
    await start({ timing });
    const account = await cluster.account();
    const player = await play(cluster, account);
    await walk(player, { x: 2 });
    must(await player.game.leave());
    const again = await playAgain(account);
    await walk(again, { x: 3 });
    cluster.kill({ map: "map-1" });
    expect(await untilEnded(again)).toBe("disconnected");
    // The account becomes free without a request.
    await cluster.untilFree(ticketOf(again));
    await cluster.startMap("map-2");
    const back = await playAgain(account);
    expect(back.game.position).toEqual({ ...spawn, x: spawn.x + 2 });
    expect((await rowOfPlayer(back)).attributes).toMatchObject({ steps: 2 });
  });

  test("the one that its client asked for, when map-server and char-server are killed after the answer", async () => {
    await start({ timing });
    const account = await cluster.account();
    const player = await play(cluster, account);
    await walk(player, { x: 2 });
    must(await player.game.save());
    const stored = await rowOfPlayer(player);
    expect(stored).toMatchObject({ x: spawn.x + 2, attributes: { steps: 2 } });
    await walk(player, { x: 1 });
    expect(await rowOfPlayer(player)).toEqual(stored);
    cluster.kill({ map: "map-1" });
    cluster.kill("char");
    await cluster.startChar();
    await cluster.startMap("map-2");
    const back = await playAgain(account);
    expect(back.game.position).toEqual({ ...spawn, x: spawn.x + 2 });
  });

  test("the periodic one, when map-server and char-server are killed during the next", async () => {
    const gate = new Gate();
    await start({ timing, autosaveMs: 100, around: gate.around });
    const account = await cluster.account();
    const player = await play(cluster, account);
    await walk(player, { x: 2 });
    await untilSavedAt(player, spawn.x + 2);
    const nextSave = gate.hold("before", "character-save-many");
    await walk(player, { x: 3 });
    await nextSave.reached();
    cluster.kill({ map: "map-1" });
    cluster.kill("char");
    nextSave.open();
    await cluster.startChar();
    await cluster.startMap("map-2");
    const back = await playAgain(account);
    expect(back.game.position).toEqual({ ...spawn, x: spawn.x + 2 });
  });

  test("the periodic one that had reached the char-server when the map-server was killed", async () => {
    const gate = new Gate();
    await start({ timing, autosaveMs: 100, around: gate.around });
    const account = await cluster.account();
    const player = await play(cluster, account);
    // There is nothing more to save then, so the next save has the next step.
    await walk(player, { x: 1 });
    await untilSavedAt(player, spawn.x + 1);
    const save = gate.hold("before", "character-save-many");
    await walk(player, { x: 1 });
    await save.reached();
    cluster.kill({ map: "map-1" });
    save.open();
    // It is refused if the timers of the killed server end first.
    await untilSavedAt(player, spawn.x + 2);
    await cluster.startMap("map-2");
    const back = await playAgain(account);
    expect(back.game.position).toEqual({ ...spawn, x: spawn.x + 2 });
  });

  test("one that was stored when the char-server was killed before it could answer", async () => {
    const gate = new Gate();
    await start({ timing, around: gate.around });
    const account = await cluster.account();
    const player = await play(cluster, account);
    await walk(player, { x: 2 });
    const stored = gate.hold("after", "character-save-many");
    const leaving = player.game.leave();
    await stored.reached();
    cluster.kill("char");
    stored.open();
    expect((await leaving).ok).toBe(false);
    expect(await untilEnded(player)).toBe("cluster-link-lost");
    await cluster.startChar();
    const back = await playAgain(account);
    expect(back.game.position).toEqual({ ...spawn, x: spawn.x + 2 });
    expect((await rowOfPlayer(back)).attributes).toMatchObject({ steps: 2 });
  });
});

const ends = [
  ["map-server", async () => cluster.mapServer().stop()],
  ["char-server", async () => cluster.char.stop()],
] as const;

test.each(ends)("a %s that is stopped saves all players, even in the middle of a step", async (_, stop) => {
  await start();
  const accounts = await Promise.all(Array.from({ length: 8 }, () => cluster.account()));
  const players = await Promise.all(accounts.map((account) => play(cluster, account)));
  const began = players.map(({ game }) => game.position);
  for (const [index, { game }] of players.entries()) must(await game.walk(spawn.x - index, spawn.y + 7));
  const isOnItsWay = ({ game }: Player): boolean => game.position.y > spawn.y + 1;
  await until(() => players.every(isOnItsWay), { what: "they are on their way" });
  await stop();
  for (const [index, player] of players.entries()) {
    expect(await untilEnded(player)).toBe("server-stopping");
    const { position } = player.game;
    expect(position).not.toEqual(began[index]);
    expect(await rowOfPlayer(player)).toMatchObject(position);
  }
  for (const { client } of players) await cluster.untilFree(ticketOf({ client }));
});

test("changes that a periodic save could not store are saved at leaving", async () => {
  let failures = 0;
  await start({
    autosaveMs: 100,
    around: (what, run) => {
      if (what !== "character-save-many" || failures > 0) return run();
      failures += 1;
      return Promise.reject(new Unavailable("Postgres went away"));
    },
  });
  const player = await play(cluster, await cluster.account());
  await walk(player, { x: 2 });
  await until(() => failures === 1, { what: "a periodic save fails" });
  must(await player.game.leave());
  expect(await rowOfPlayer(player)).toMatchObject({ x: spawn.x + 2, attributes: { steps: 2 } });
});

test("a save that a client asks for is answered when it is stored, and refused if Postgres does not answer", async () => {
  const gate = new Gate();
  let isAway = true;
  await start({
    around: (what, run) =>
      isAway && what === "character-save-many"
        ? Promise.reject(new Unavailable("Postgres went away"))
        : gate.around(what, run),
  });
  const [one, other] = [
    await play(cluster, await cluster.account()),
    await play(cluster, await cluster.account()),
  ];
  for (const player of [one, other]) await walk(player, { x: 2 });
  expect(await one.game.save()).toMatchObject({ refusal: "unavailable" });
  expect(one.game.isOpen).toBe(true);
  isAway = false;
  const stored = gate.hold("after", "character-save-many");
  let isAnswered = false;
  const saving = other.game.save().finally(() => {
    isAnswered = true;
  });
  await stored.reached();
  expect(isAnswered).toBe(false);
  stored.open();
  must(await saving);
  expect(await rowOfPlayer(other)).toMatchObject({ ...other.game.position, attributes: { steps: 2 } });
  must(await one.game.leave());
  expect(await rowOfPlayer(one)).toMatchObject({ ...one.game.position, attributes: { steps: 2 } });
});

test("an abandoned periodic save that arrives after the last one changes nothing", async () => {
  const arrivals: (() => Promise<unknown>)[] = [];
  await start({
    autosaveMs: 100,
    around: (what, run) => {
      if (what !== "character-save-many" || arrivals.length > 0) return run();
      arrivals.push(run);
      return Promise.reject(new Unavailable("Postgres did not answer"));
    },
  });
  const player = await play(cluster, await cluster.account());
  await walk(player, { x: 2 });
  await until(() => arrivals.length === 1, { what: "a periodic save is given up" });
  await walk(player, { x: 1 });
  must(await player.game.leave());
  const left = await rowOfPlayer(player);
  expect(left).toMatchObject({ x: spawn.x + 3, attributes: { steps: 3 } });
  for (const arrive of arrivals) await arrive();
  expect(await rowOfPlayer(player)).toEqual(left);
});

test("a leave is repeated while Redis does not answer, and done once", async () => {
  let unanswered = 0;
  await start({
    stores: await redisStores(redis.url, { commandTimeoutMs: 1_000 }),
    around: (what, run) =>
      run().catch((error) => {
        if (what === "world.free" || what === "world.load") unanswered += 1;
        throw error;
      }),
  });
  const account = await cluster.account();
  const player = await play(cluster, account);
  await walk(player, { x: 2 });
  redis.pause();
  const leaving = player.game.leave();
  await until(() => unanswered >= 2, { what: "the lock store is asked without success, and again" });
  expect((await rowOfPlayer(player)).x).toBe(spawn.x + 2);
  redis.resume();
  must(await leaving);
  await cluster.untilFree(ticketOf(player));
  const back = await play(cluster, account);
  expect(back.game.position).toEqual({ ...spawn, x: spawn.x + 2 });
});

test("attributes come back unchanged, as the game left them", async () => {
  await start();
  const account = await cluster.account();
  const player = await play(cluster, account);
  await walk(player, { x: 2 });
  must(await player.game.leave());
  const attributes = {
    steps: 2,
    title: 'the "Möwe" \u{1F426} \\',
    nested: { list: [1, null, { a: [] }], big: 2 ** 53 },
  };
  await cluster.database.query(
    { name: "test-set-attributes", text: "UPDATE characters SET attributes = $2 WHERE id = $1" },
    [player.game.charId, attributes],
  );
  const again = await play(cluster, account);
  await walk(again, { x: 1 });
  const select = must(await again.game.backToCharSelect());
  expect((await rowOfPlayer(again)).attributes).toEqual({ ...attributes, $version: 1, steps: 3 });
  const game = must(await select.choose(again.game.charId));
  must(await game.walk(spawn.x + 4, spawn.y));
  await until(() => game.position.x === spawn.x + 4, { what: "it is there" });
  must(await game.leave());
  expect((await rowOfPlayer(again)).attributes).toEqual({ ...attributes, $version: 1, steps: 4 });
});
