import { charToMap } from "@sallyport/cluster-protocol";
import { refused } from "@sallyport/domain";
import { memoryChannelPair } from "@sallyport/link";
import type { EndReason } from "@sallyport/sdk";
import { until } from "@sallyport/testkit";
import { describe, expect, test } from "vitest";
import { Checkpoint, type Fate, type Stretch } from "./cluster/checkpoint.ts";
import { Gate } from "./cluster/gate.ts";
import { rowOf } from "./cluster/player.ts";
import type { TestCluster } from "./cluster/test-cluster.ts";
import { characterLockOf, inForest, startTwoMaps } from "./cluster/two-maps.ts";
import { type Step, Walker, wayIn } from "./cluster/walker.ts";

/*
 * A character steps onto a map of another map-server's, which does not take it, whatever the reason. It stays where
 * it stands, and whoever plays it can do everything there; of others only those notice whose map-server went away.
 */

/** As for a choice that is declined: the answer is given up with a tick to spare before the lock's deadline. */
const timing = { handOverMs: 3_000 };
const goesOn: readonly Step[] = ["hop", "reachMap", "enterMap"];

interface Scene {
  readonly cluster: TestCluster;
  /** Between the char-server and map-2. */
  readonly checkpoint: Checkpoint;
  readonly gate: Gate;
  /** Plays on map-2. */
  readonly neighbour: Walker;
}

interface Way {
  readonly why: string;
  readonly playersMax?: number;
  /** Makes map-2 decline; returns what lets a hop succeed again. */
  readonly decline: (scene: Scene) => Promise<() => Promise<unknown>>;
  /** What it comes to for the neighbour. */
  readonly neighbourEnds: EndReason | null;
}

const anotherForest = (cluster: TestCluster) => cluster.startMap("map-3", { maps: ["forest"] });

/** What does not decline by itself, but by what becomes of its link. */
const byLink = (why: string, stretch: Stretch, fate: Fate): Way => ({
  why,
  decline: async ({ cluster, checkpoint }) => {
    checkpoint.stop("character.expect", stretch, fate);
    return async () => {
      checkpoint.release();
      // One whose link was cut comes back by itself.
      await until(() => cluster.mapServer("map-2").isLinked, { what: "map-2 is linked again" });
    };
  },
  neighbourEnds: null,
});

const ways: readonly Way[] = [
  {
    why: "is full",
    playersMax: 1,
    decline:
      async ({ neighbour }) =>
      () =>
        neighbour.go("leave"),
    neighbourEnds: null,
  },
  {
    why: "is stopping",
    decline: async ({ cluster, gate, neighbour }) => {
      await neighbour.go("walk");
      await neighbour.hasMoved();
      const saving = gate.hold("before", "character-save-many");
      const stopped = cluster.mapServer("map-2").stop();
      await saving.reached();
      return async () => {
        saving.open();
        await stopped;
        await anotherForest(cluster);
      };
    },
    neighbourEnds: "server-stopping",
  },
  byLink("never answers", "asked", "swallow"),
  byLink("hears of it too late", "asked", "hold"),
  byLink("says yes too late", "answered", "hold"),
  byLink("loses its link before it hears of it", "asked", "cut"),
  byLink("loses its link as it says yes", "answered", "cut"),
  {
    why: "was killed, and nobody else has its map",
    decline: async ({ cluster }) => {
      cluster.kill({ map: "map-2" });
      return () => anotherForest(cluster);
    },
    neighbourEnds: "disconnected",
  },
];

/** A cluster of its own for each test: most of them wait for a deadline, and do so together. */
async function inScene(
  playersMax: number | undefined,
  run: (scene: Scene, client: Walker) => Promise<void>,
): Promise<void> {
  const checkpoint = new Checkpoint(charToMap);
  const gate = new Gate();
  const cluster = await startTwoMaps({
    timing,
    around: gate.around,
    pair: (names) => {
      const [near, far] = memoryChannelPair(names);
      return names[0] === "map-2" ? [checkpoint.before(near), far] : [near, far];
    },
    ...(playersMax && { inForestMax: playersMax }),
  });
  try {
    const neighbour = new Walker(cluster, await cluster.account());
    await neighbour.go(...wayIn, ...goesOn);
    const client = new Walker(cluster, await cluster.account());
    await client.go(...wayIn);
    await run({ cluster, checkpoint, gate, neighbour }, client);
  } finally {
    await cluster.stop();
  }
}

describe.concurrent.each(ways)(
  "where the other map-server $why, a player",
  ({ decline, playersMax, neighbourEnds }) => {
    test("stays where it stands, under the fence that it had, and goes on at a later step onto the warp", () =>
      inScene(playersMax, async (scene, client) => {
        const { cluster, neighbour } = scene;
        const mend = await decline(scene);
        expect(await client.steps.hop()).toEqual(refused("stays"));
        expect(client.ended).toBeNull();
        await client.go("say");
        expect(await characterLockOf(cluster, client)).toMatchObject({
          state: "playing",
          owner: { server: "map-1" },
          charFence: 1,
        });
        expect(await rowOf(cluster, client.charId)).toMatchObject({ map: "harbour", fence: 1 });
        expect(cluster.mapServer("map-1").playerCount).toBe(1);
        if (neighbourEnds === null) {
          const isAlone = () => cluster.mapServer("map-2").playerCount === 1;
          await until(isAlone, { what: "the other one forgets what it may have heard" });
          await neighbour.go("say");
        }

        await mend();
        if (neighbourEnds !== null) expect(neighbour.ended).toBe(neighbourEnds);
        await client.go(...goesOn, "say", "leave");
        expect(client.position).toEqual(inForest);
        await cluster.untilFree(client.ticket);
      }));

    test("that is cut off meanwhile is saved where it stood, and leaves no lock behind", () =>
      inScene(playersMax, async (scene, client) => {
        const { cluster, gate } = scene;
        const mend = await decline(scene);
        const asked = gate.hold("before", "character-list");
        const hopped = client.steps.hop();
        // Where nobody has the map, nobody is asked.
        await Promise.race([asked.reached(), hopped]);
        client.cut("destroy");
        await hopped;
        asked.open();
        // The save of one that stops is held up, and all saves behind it.
        if (neighbourEnds === "server-stopping") await mend();
        await cluster.untilFree(client.ticket);
        if (neighbourEnds !== "server-stopping") await mend();
        const { map, y } = await rowOf(cluster, client.charId);
        expect([map, Math.min(y, 2)]).toEqual(["harbour", y]);
      }));
  },
);
