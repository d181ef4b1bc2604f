import { until } from "@sallyport/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Fault } from "./cluster/fault.ts";
import { Gate } from "./cluster/gate.ts";
import { rowOf } from "./cluster/player.ts";
import type { TestCluster, TestClusterOptions } from "./cluster/test-cluster.ts";
import { characterLockOf, inForest, startTwoMaps } from "./cluster/two-maps.ts";
import { logInAgain, type Step, Walker, wayIn } from "./cluster/walker.ts";

/* A server dies or a store fails at each request of a hop between map-servers to the stores. */

const asked = ["character-list", "world.hopping", "character-pass", "world.entering"] as const;
const places = (["before", "after"] as const).flatMap((place) =>
  asked.map((what) => [`${place} ${what}`, place, what] as const),
);
const goesOn: readonly Step[] = ["hop", "reachMap", "enterMap"];

let cluster: TestCluster;

/** Checks that the account enters again, plays in one place, and can leave. */
async function playsInOnePlace(walker: Walker): Promise<void> {
  const back = new Walker(cluster, walker.account);
  await logInAgain(back);
  await back.go("say");
  const lock = await characterLockOf(cluster, back);
  expect(lock).toMatchObject({ state: "playing" });
  const living = [...cluster.mapServers.values()].filter(({ life }) => !life.isOver);
  const owners = living.filter(({ server }) => server.charIds.includes(back.charId));
  expect(owners).toHaveLength(1);
  expect(cluster.mapServers.get(lock?.owner.server as string)).toBe(owners[0]);
  await back.go("leave");
  await cluster.untilFree(back.ticket);
  await until(() => living.every(({ server }) => server.playerCount === 0), { what: "no client is left" });
}

describe("in the middle of a hop,", () => {
  const gate = new Gate();
  const timing = { reconnectMs: 2_500, evictMs: 1_500, charToMapMs: 6_000 };

  /** Each test has a cluster of its own, because killed servers stay away until others are started. */
  async function hopping(
    [, place, what]: (typeof places)[number],
    dies: (hopped: Promise<unknown>) => Promise<void>,
  ): Promise<void> {
    cluster = await startTwoMaps({ timing, around: gate.around } satisfies TestClusterOptions);
    try {
      const walker = new Walker(cluster, await cluster.account());
      await walker.go(...wayIn);
      const hold = gate.hold(place, what);
      const hopped = walker.steps.hop();
      await hold.reached();
      await dies(hopped.finally(() => {}));
      hold.open();
      expect((await hopped).ok).toBe(false);
      walker.cut("destroy");
      await playsInOnePlace(walker);
    } finally {
      await cluster.stop();
    }
  }

  test.each(places)("the old map-server dies %s: the player is in one place again", (...row) =>
    hopping(row, async () => {
      cluster.kill({ map: "map-1" });
      await cluster.startMap("map-3", { maps: ["harbour"] });
    }),
  );

  test.each(places)("the char-server dies %s: the player is in one place again", (...row) =>
    hopping(row, async () => {
      cluster.kill("char");
      // The server locks of the map-servers are not renewed, and have run out.
      cluster.push(cluster.timing.leaseMs);
      await cluster.startChar();
      const servers = [cluster.mapServer("map-1"), cluster.mapServer("map-2")];
      const areLinked = () => servers.every(({ isLinked }) => isLinked);
      await until(areLinked, { what: "the map-servers are linked again" });
    }),
  );
});

test("a hop that is delayed past its deadline is off, and the first map-server keeps the player until it leaves", async () => {
  const gate = new Gate();
  cluster = await startTwoMaps({ around: gate.around });
  try {
    const walker = new Walker(cluster, await cluster.account());
    await walker.go(...wayIn);
    const hold = gate.hold("after", "world.hopping");
    const hopped = walker.steps.hop();
    await hold.reached();
    cluster.push(cluster.timing.handOverMs);
    const isBack = async () => (await characterLockOf(cluster, walker))?.state === "playing";
    await until(isBack, { what: "the deadline is carried out" });
    expect(await characterLockOf(cluster, walker)).toMatchObject({
      owner: { server: "map-1" },
      charFence: 1,
    });
    hold.open();
    expect((await hopped).ok).toBe(false);
    expect(walker.ended).toBe("lock-lost");
    await cluster.untilFree(walker.ticket);
    await playsInOnePlace(walker);
  } finally {
    await cluster.stop();
  }
});

describe("a store that does not answer once", () => {
  const fault = new Fault();
  beforeAll(async () => {
    // With this lease, no renewal of a server lock is sent to the stores during a test.
    cluster = await startTwoMaps({ around: fault.around, timing: { leaseMs: 6_000_000_000 } });
  });
  afterAll(() => cluster.stop());

  const [stays, goes, leaves] = ["stays where it stands", "goes on", "has to leave"];
  const outcomes = {
    "character-list": stays,
    "world.hopping": stays,
    "character-pass": leaves,
    "world.entering": goes,
  };
  const rows = (["before", "after"] as const).flatMap((place) =>
    Object.entries(outcomes).map(([what, outcome]) => [place, what, outcome] as const),
  );

  test.each(rows)("%s doing %s: the player %s", async (place, what, outcome) => {
    const walker = new Walker(cluster, await cluster.account());
    await walker.go(...wayIn);
    fault.next(place, what);
    const hopped = await walker.steps.hop();
    expect(fault.hasHappened).toBe(true);
    if (outcome === goes) await walker.go("reachMap", "enterMap", "say");
    if (outcome === leaves) {
      expect(walker.ended).toBe("save-failed");
      const { map } = await rowOf(cluster, walker.charId);
      expect(map).toBe(place === "before" ? "harbour" : inForest.map);
    }
    if (outcome === stays) {
      expect(hopped).toMatchObject({ refusal: "stays" });
      expect(await characterLockOf(cluster, walker)).toMatchObject({ state: "playing", charFence: 1 });
      await walker.go(...goesOn, "say");
    }
    walker.cut("close");
    await playsInOnePlace(walker);
  });
});
