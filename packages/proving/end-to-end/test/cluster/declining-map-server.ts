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

/*
 * In these tests, the char-server asks a map-server to expect a character. The map-server declines, or does
 * not answer.
 */

/**
 * With this time, the char-server stops waiting for the answer at least one tick before the lock's deadline.
 */
const timing = { handOverMs: 3_000 };

export interface Scene {
  readonly cluster: TestCluster;
  /** Watches the link between the char-server and the declining map-server. */
  readonly checkpoint: Checkpoint;
  readonly gate: Gate;
  /** A player on the declining map-server. */
  readonly neighbour: Walker;
}

export interface Way {
  readonly why: string;
  readonly playersMax?: PlayersMax;
  /**
   * Makes the map-server decline. Returns a function that removes the cause, so that a second attempt
   * succeeds.
   */
  readonly decline: (scene: Scene) => Promise<() => Promise<unknown>>;
  /** Why the neighbour's connection ends, or null if it does not end. */
  readonly neighbourEnds: EndReason | null;
}

/**
 * Returns all reasons to decline, except a full map-server. `start` starts a map-server of the given name
 * with the same maps.
 */
export function waysToDecline(
  name: string,
  start: (cluster: TestCluster, server: string) => Promise<unknown>,
): readonly Way[] {
  /** The map-server itself does not decline, but its link fails. */
  const byLink = (why: string, stretch: Stretch, fate: Fate): Way => ({
    why,
    decline: async ({ cluster, checkpoint }) => {
      checkpoint.stop("character.expect", stretch, fate);
      return async () => {
        checkpoint.release();
        // A map-server whose link is cut links again without help.
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
        // Hold the neighbour's save, so that the stop takes long enough for the test.
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
      why: "was killed, and no other has its map",
      decline: async ({ cluster }) => {
        cluster.kill({ map: name });
        // The maps stay with their map-server while it is away.
        return () => start(cluster, name);
      },
      neighbourEnds: "disconnected",
    },
  ];
}

export interface SceneOptions {
  readonly mapServer: "map-1" | "map-2";
  readonly spawn: Position;
  readonly playersMax?: PlayersMax | undefined;
  /**
   * `neighbourWay` brings the neighbour onto the map-server. After `clientWay`, the next step of the client
   * needs the map-server.
   */
  readonly neighbourWay: readonly Step[];
  readonly clientWay: readonly Step[];
}

/** Runs one test on a cluster of its own. Most tests wait for a deadline, so they run at the same time. */
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
