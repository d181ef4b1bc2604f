import { must, until } from "@sallyport/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Gate } from "./cluster/gate.ts";
import { LockWatch } from "./cluster/lock-watch.ts";
import { type Player, play, rowOf, ticketOf, walk } from "./cluster/player.ts";
import { SocketPairs } from "./cluster/socket-pairs.ts";
import { stepCounting } from "./cluster/step-counting.ts";
import type { TestCluster } from "./cluster/test-cluster.ts";
import { beforeWarp, characterLockOf, inForest, startTwoMaps } from "./cluster/two-maps.ts";
import { logInAgain, type Step, Walker, wayIn } from "./cluster/walker.ts";

/* A client steps onto a map that another map-server hosts. */

const goesOn: readonly Step[] = ["hop", "reachMap", "enterMap"];

async function stepsOnto({ game }: Player, y: number): Promise<void> {
  const { hops, position } = game;
  must(await game.walk(position.x, y));
  await until(() => game.hops > hops, { what: `${game.name} hops` });
}

describe.each(["memory", "TCP"])("over %s, a client that steps onto a map of another map-server", (over) => {
  let pairs: SocketPairs | null = null;
  let cluster: TestCluster;
  beforeAll(async () => {
    pairs = over === "TCP" ? await SocketPairs.overTcp() : null;
    cluster = await startTwoMaps({ ...stepCounting, ...(pairs && { pair: pairs.pair }) });
  });
  afterAll(async () => {
    await cluster.stop();
    await pairs?.close();
  });

  test("arrives with its state, sees the players there, and is seen by them", async () => {
    const [first, second] = [
      await play(cluster, await cluster.account()),
      await play(cluster, await cluster.account()),
    ];
    await until(() => first.game.actors.size === 1, { what: "they see each other" });
    const events: string[] = [];
    first.game.on(({ type }) => events.push(type));
    await stepsOnto(first, 1);
    expect(first.game.position).toEqual(inForest);
    expect(first.game.place).toMatchObject({ position: inForest, charId: first.game.charId });
    expect(events.filter((type) => type === "map.changed")).toHaveLength(1);
    await until(() => second.game.actors.size === 0, { what: "the one that stays sees it vanish" });
    expect([cluster.mapServer("map-1").playerCount, cluster.mapServer("map-2").playerCount]).toEqual([1, 1]);
    // Two steps were counted on the first map-server, and a third on the second.
    expect(await rowOf(cluster, first.game.charId)).toMatchObject({
      ...inForest,
      attributes: { steps: 2 },
    });
    await walk(first, { x: 1 });

    await stepsOnto(second, 1);
    await until(() => first.game.actors.size === 1 && second.game.actors.size === 1, {
      what: "they see each other again",
    });
    let heard = "";
    first.game.on((event) => {
      if (event.type === "actor.said") heard = event.text;
    });
    must(await second.game.say("here"));
    await until(() => heard === "here", { what: "and hear each other" });

    for (const { game } of [first, second]) must(await game.leave());
    for (const player of [first, second]) await cluster.untilFree(ticketOf(player));
    const row = await rowOf(cluster, first.game.charId);
    expect(row).toMatchObject({ ...inForest, x: inForest.x + 1, attributes: { steps: 3 } });
    expect([cluster.mapServer("map-1").playerCount, cluster.mapServer("map-2").playerCount]).toEqual([0, 0]);
  });

  test("is owned by one map-server after the other, each under a fence of its own, there and back", async () => {
    const walker = new Walker(cluster, await cluster.account());
    await walker.go(...wayIn);
    for (const [fence, server] of ["map-1", "map-2", "map-1", "map-2"].entries()) {
      const lock = { state: "playing", owner: { server }, charFence: fence + 1 };
      expect(await characterLockOf(cluster, walker)).toMatchObject(lock);
      await walker.go("say", ...goesOn);
    }
    await walker.go("leave");
    await cluster.untilFree(walker.ticket);
  });
});

describe("a client that was told to go to another map-server", () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    // One push moves the clock of the stores by half a minute, and the leases of the servers must outlast it.
    cluster = await startTwoMaps({ timing: { leaseMs: 60_000, reconnectMs: 90_000 } });
  });
  afterAll(() => cluster.stop());

  test("and never arrives loses both locks at the char-to-map timer, and is saved at its destination", async () => {
    const walker = new Walker(cluster, await cluster.account());
    await walker.go(...wayIn, "hop");
    expect(await characterLockOf(cluster, walker)).toMatchObject({
      state: "entering",
      owner: { server: "map-2" },
    });
    cluster.push(cluster.timing.charToMapMs / 2);
    expect(await characterLockOf(cluster, walker)).toMatchObject({ state: "entering" });
    cluster.push(cluster.timing.charToMapMs / 2);
    await cluster.untilFree(walker.ticket);
    await until(() => cluster.mapServer("map-2").playerCount === 0, {
      what: "no client is expected any more",
    });
    const back = new Walker(cluster, walker.account);
    await back.go(...wayIn);
    expect(back.position).toEqual(inForest);
    await back.go("leave");
    await cluster.untilFree(back.ticket);
  });

  test("is not admitted with the login ids of another client", async () => {
    const [walker, other] = [
      new Walker(cluster, await cluster.account()),
      new Walker(cluster, await cluster.account()),
    ];
    await walker.go(...wayIn, "hop");
    await other.go(...wayIn, "hop");
    const { charId } = other;
    await walker.go("reachMap");
    const ids = walker.ticket;
    expect(await walker.map?.ask({ type: "map.enter", ...ids, charId })).toMatchObject({
      refusal: "not-expected",
    });
    walker.cut("close");
    await other.go("reachMap", "enterMap", "leave");
    await cluster.untilFree(other.ticket);
    cluster.push(cluster.timing.charToMapMs);
    await cluster.untilFree(walker.ticket);
  });

  test("plays on there even if the map-server that it left is gone", async () => {
    const walker = new Walker(cluster, await cluster.account());
    await walker.go(...wayIn, "hop");
    cluster.kill({ map: "map-1" });
    await walker.go("reachMap", "enterMap", "say", "leave");
    expect(walker.position).toEqual(inForest);
    await cluster.untilFree(walker.ticket);
  });
});

/** The requests of a hop to the stores, in this order. */
const asked = ["character-list", "world.hopping", "character-pass", "world.entering"] as const;

describe("in the middle of a hop", () => {
  const gate = new Gate();
  const watch = new LockWatch();
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startTwoMaps({
      secondLogin: "takeover",
      stores: watch.stores,
      around: gate.around,
    });
  });
  afterAll(() => cluster.stop());

  const places = asked.flatMap((what) =>
    (["before", "after"] as const).map((place) => [place, what] as const),
  );

  test.each(places)("a second login %s %s takes over, and only one of the two plays", async (place, what) => {
    const older = new Walker(cluster, await cluster.account());
    await older.go(...wayIn);
    const hold = gate.hold(place, what);
    const hopping = older.steps.hop();
    await hold.reached();
    const newer = new Walker(cluster, older.account);
    const inWorld = logInAgain(newer);
    const { accountId, loginId1 } = older.ticket;
    const isAsked = (): boolean => {
      const { account } = watch.of(accountId);
      return account?.state === "evicting" || account?.loginId1 !== loginId1;
    };
    await until(isAsked, { what: "the older one is asked to leave, or has left" });
    hold.open();
    const hopped = await hopping;
    if (hopped.ok) await older.steps.reachMap();
    expect(hopped.ok ? await older.steps.enterMap() : hopped).toMatchObject({ ok: false });
    if (!hopped.ok) expect(older.ended).toBe("logged-in-elsewhere");
    await inWorld;
    await newer.go("say");
    expect(watch.broken).toEqual([]);
    // The older client may have stood before the warp, on it, or behind it.
    expect([beforeWarp.map, inForest.map]).toContain(newer.position.map);
    expect(cluster.mapServer("map-1").playerCount + cluster.mapServer("map-2").playerCount).toBe(1);
    await newer.go("leave");
    await cluster.untilFree(newer.ticket);
  });

  test.each(places)("a client that disconnects %s %s keeps no newer login out", async (place, what) => {
    const walker = new Walker(cluster, await cluster.account());
    await walker.go(...wayIn);
    const hold = gate.hold(place, what);
    const hopping = walker.steps.hop();
    await hold.reached();
    walker.cut("destroy");
    await hopping;
    hold.open();
    const back = new Walker(cluster, walker.account);
    await logInAgain(back);
    await back.go("say", "leave");
    await cluster.untilFree(back.ticket);
    expect(watch.broken).toEqual([]);
  });
});
