import { charToMap } from "@sallyport/cluster-protocol";
import type { Position } from "@sallyport/domain";
import { memoryChannelPair } from "@sallyport/link";
import type { EndReason } from "@sallyport/sdk";
import { until } from "@sallyport/testkit";
import { Checkpoint, type Fate, type Stretch } from "./checkpoint.ts";
import { Gate } from "./gate.ts";
import type { TestCluster } from "./test-cluster.ts";
import { type PlayersMax, startTwoMaps } from "./two-maps.ts";
import { type Step, Walker } from "./walker.ts";

/* A map-server that is asked to expect a character, and does not take it, whatever the reason. */

/** Long enough that the answer to the hand-over is given up, with a tick to spare, before the lock's deadline. */
const timing = { handOverMs: 3_000 };

export interface Scene {
  readonly cluster: TestCluster;
  /** Between the char-server and the one that declines. */
  readonly checkpoint: Checkpoint;
  readonly gate: Gate;
  /** Plays on the one that declines. */
  readonly neighbour: Walker;
}

export interface Way {
  readonly why: string;
  readonly playersMax?: PlayersMax;
  /** Makes it decline; returns what lets another try succeed. */
  readonly decline: (scene: Scene) => Promise<() => Promise<unknown>>;
  /** What it comes to for the neighbour. */
  readonly neighbourEnds: EndReason | null;
}

/** All but being full. `start`: one of that name that has the same maps. */
export function waysToDecline(
  name: string,
  start: (cluster: TestCluster, server: string) => Promise<unknown>,
): readonly Way[] {
  /** What does not decline by itself, but by what becomes of its link. */
  const byLink = (why: string, stretch: Stretch, fate: Fate): Way => ({
    why,
    decline: async ({ cluster, checkpoint }) => {
      checkpoint.stop("character.expect", stretch, fate);
      return async () => {
        checkpoint.release();
        // One whose link was cut comes back by itself.
        await until(() => cluster.mapServer(name).isLinked, { what: `${name} is linked again` });
      };
    },
    neighbourEnds: null,
  });
  return [
    {
      why: "is stopping",
      decline: async ({ cluster, gate, neighbour }) => {
        await neighbour.go("walk");
        await neighbour.hasMoved();
        // The neighbour has to be saved, and that takes its time.
        const saving = gate.hold("before", "character-save-many");
        const stopped = cluster.mapServer(name).stop();
        await saving.reached();
        return async () => {
          saving.open();
          await stopped;
          await start(cluster, "map-3");
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
        cluster.kill({ map: name });
        // Its maps wait for it.
        return () => start(cluster, name);
      },
      neighbourEnds: "disconnected",
    },
  ];
}

export interface SceneOptions {
  /** The one that declines. */
  readonly mapServer: "map-1" | "map-2";
  readonly spawn: Position;
  readonly playersMax?: PlayersMax | undefined;
  /** The neighbour's way onto it, and the client's to where it asks for it. */
  readonly neighbourWay: readonly Step[];
  readonly clientWay: readonly Step[];
}

/** A cluster of its own for each test: most of them wait for a deadline, and do so together. */
export async function inScene(
  { mapServer, spawn, playersMax, neighbourWay, clientWay }: SceneOptions,
  run: (scene: Scene, client: Walker) => Promise<void>,
): Promise<void> {
  const checkpoint = new Checkpoint(charToMap);
  const gate = new Gate();
  const cluster = await startTwoMaps({
    timing,
    spawn,
    around: gate.around,
    pair: (names) => {
      const [near, far] = memoryChannelPair(names);
      return names[0] === mapServer ? [checkpoint.before(near), far] : [near, far];
    },
    ...(playersMax && { playersMax }),
  });
  try {
    const neighbour = new Walker(cluster, await cluster.account());
    await neighbour.go(...neighbourWay);
    const client = new Walker(cluster, await cluster.account());
    await client.go(...clientWay);
    await run({ cluster, checkpoint, gate, neighbour }, client);
  } finally {
    await cluster.stop();
  }
}
