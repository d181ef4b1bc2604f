import { charToMap } from "@sallyport/cluster-protocol";
import { type Position, refused } from "@sallyport/domain";
import { memoryChannelPair } from "@sallyport/link";
import type { EndReason } from "@sallyport/sdk";
import { until } from "@sallyport/testkit";
import { describe, expect, test } from "vitest";
import { Checkpoint, type Fate, type Stretch } from "./cluster/checkpoint.ts";
import { Gate } from "./cluster/gate.ts";
import { type TestAccount, TestCluster } from "./cluster/test-cluster.ts";
import { logInAgain, type Step, Walker, wayIn } from "./cluster/walker.ts";

/*
 * A character is to be handed over, and the map-server that has its map does not take it, whatever the reason. The
 * client hears so, on a connection that stays good for another choice; its account is not stuck anywhere; and of
 * others only those notice whose map-server went away.
 */

/** Long enough that the answer to the hand-over is given up, with a tick to spare, before the lock's deadline. */
const timing = { handOverMs: 3_000 };

const toChoice: Step[] = ["reachLogin", "logIn", "reachChar", "enterChar"];
const toMap: Step[] = ["reachMap", "enterMap"];
const forest: Position = { map: "forest", x: 41, y: 56 };

interface Scene {
  readonly cluster: TestCluster;
  /** Between the char-server and map-1. */
  readonly checkpoint: Checkpoint;
  readonly gate: Gate;
  /** Plays on map-1. */
  readonly neighbour: Walker;
}

interface Way {
  readonly why: string;
  readonly playersMax?: number;
  /** Makes map-1 decline; returns what lets a choice succeed again. */
  readonly decline: (scene: Scene) => Promise<() => Promise<unknown>>;
  /** What it comes to for the neighbour. */
  readonly neighbourEnds: EndReason | null;
}

/** What does not decline by itself, but by what becomes of its link. */
const byLink = (why: string, stretch: Stretch, fate: Fate): Way => ({
  why,
  decline: async ({ cluster, checkpoint }) => {
    checkpoint.stop("character.expect", stretch, fate);
    return async () => {
      checkpoint.release();
      // One whose link was cut comes back by itself.
      await until(() => cluster.mapServer("map-1").isLinked, { what: "map-1 is linked again" });
    };
  },
  neighbourEnds: null,
});

const ways: readonly Way[] = [
  {
    why: "is full",
    playersMax: 2,
    decline: async ({ cluster }) => {
      const last = new Walker(cluster, await cluster.account());
      await last.go(...wayIn);
      return () => last.go("leave");
    },
    neighbourEnds: null,
  },
  {
    why: "is stopping",
    decline: async ({ cluster, gate, neighbour }) => {
      await neighbour.go("walk");
      await hasMoved(neighbour);
      // The neighbour has to be saved, and that takes its time.
      const saving = gate.hold("before", "character-save-many");
      const stopped = cluster.mapServer("map-1").stop();
      await saving.reached();
      return async () => {
        saving.open();
        await stopped;
        await cluster.startMap("map-3");
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
      cluster.kill({ map: "map-1" });
      return () => cluster.startMap("map-3");
    },
    neighbourEnds: "disconnected",
  },
];

async function hasMoved(walker: Walker): Promise<void> {
  let moved = false;
  walker.map?.on((event) => {
    moved ||= event.type === "actor.moved";
  });
  await until(() => moved, { what: `${walker.account.name} takes a step` });
}

/** As a save does that comes late. */
async function putTo(cluster: TestCluster, { name }: TestAccount, { map, x, y }: Position): Promise<void> {
  const text = "UPDATE characters SET map = $2, x = $3, y = $4 WHERE name = $1";
  await cluster.database.query({ name: "put-character", text }, [name, map, x, y]);
}

/** A cluster of its own for each test: most of them wait for a deadline, and do so together. */
function inScene(
  run: (scene: Scene, client: Walker) => Promise<void>,
  playersMax?: number,
): () => Promise<void> {
  return async () => {
    const checkpoint = new Checkpoint(charToMap);
    const gate = new Gate();
    const cluster = await TestCluster.start({
      timing,
      mapServers: [],
      around: gate.around,
      pair: (names) => {
        const [near, far] = memoryChannelPair(names);
        return names[0] === "map-1" ? [checkpoint.before(near), far] : [near, far];
      },
    });
    try {
      await cluster.startMap("map-2", { maps: ["forest"] });
      await cluster.startMap("map-1", { maps: ["harbour"], ...(playersMax && { playersMax }) });
      const neighbour = new Walker(cluster, await cluster.account());
      await neighbour.go(...wayIn);
      const client = new Walker(cluster, await cluster.account());
      await client.go(...toChoice);
      await run({ cluster, checkpoint, gate, neighbour }, client);
    } finally {
      await cluster.stop();
    }
  };
}

describe.concurrent.each(ways)("a map-server that $why", ({ decline, playersMax, neighbourEnds }) => {
  test(
    "is told of to the client, which is let in by a later choice on the same connection",
    inScene(async (scene, client) => {
      const mend = await decline(scene);
      expect(await client.steps.choose()).toEqual(refused("map-unavailable", 1_000));
      expect(client.ended).toBeNull();
      await mend();
      await client.go("choose", ...toMap, "say", "leave");
      await scene.cluster.untilFree(client.ticket);
    }, playersMax),
  );

  test(
    "keeps no account from logging in again at once",
    inScene(async (scene, client) => {
      const mend = await decline(scene);
      expect(await client.steps.choose()).toMatchObject({ refusal: "map-unavailable" });
      client.cut("destroy");
      const back = new Walker(scene.cluster, client.account);
      await logInAgain(back, { way: toChoice });
      await mend();
      await back.go("choose", ...toMap, "say", "leave");
      await scene.cluster.untilFree(back.ticket);
    }, playersMax),
  );

  test(
    "leaves no lock behind where the client did not wait for the answer",
    inScene(async (scene, client) => {
      const { cluster, gate } = scene;
      const mend = await decline(scene);
      const taking = gate.hold("before", "character-take");
      const unanswered = client.steps.choose();
      // Where no map-server has the map, the character is not even taken.
      await Promise.race([taking.reached(), unanswered]);
      client.cut("destroy");
      await unanswered;
      taking.open();
      await cluster.untilFree(client.ticket);
      await mend();
    }, playersMax),
  );

  test(
    "disturbs nobody else, and keeps nobody",
    inScene(async (scene, client) => {
      const { cluster, neighbour } = scene;
      const far = new Walker(cluster, await cluster.account());
      await putTo(cluster, far.account, forest);
      await far.go(...wayIn);
      const choosing = new Walker(cluster, await cluster.account());
      await choosing.go(...toChoice);

      const mend = await decline(scene);
      expect(await client.steps.choose()).toMatchObject({ refusal: "map-unavailable" });
      client.cut("close");
      await cluster.untilFree(client.ticket);
      await far.go("say");
      await mend();
      expect([far.ended, choosing.ended, neighbour.ended]).toEqual([null, null, neighbourEnds]);
      if (neighbourEnds === null) await neighbour.go("say");
      const playing = neighbourEnds === null ? 1 : 0;
      // One that was killed does nothing more.
      const left = () => neighbourEnds === "disconnected" || cluster.mapServer().playerCount === playing;
      await until(left, { what: "map-1 forgets the client" });
      await choosing.go("choose", ...toMap, "say", "leave");
      await far.go("leave");
      for (const { ticket } of [far, choosing]) await cluster.untilFree(ticket);
    }, playersMax),
  );
});

describe.concurrent("a character that a late save put on another map after it was listed", () => {
  test(
    "goes to the map-server of that map",
    inScene(async ({ cluster }, client) => {
      await putTo(cluster, client.account, forest);
      await client.go("choose", ...toMap, "leave");
      await cluster.untilFree(client.ticket);
    }),
  );

  test(
    "may be chosen again where nobody has that map",
    inScene(async ({ cluster }, client) => {
      await putTo(cluster, client.account, forest);
      await cluster.mapServer("map-2").stop();
      expect(await client.steps.choose()).toEqual(refused("map-unavailable", 1_000));
      await cluster.startMap("map-3", { maps: ["forest"] });
      await client.go("choose", ...toMap, "leave");
      await cluster.untilFree(client.ticket);
    }),
  );
});
