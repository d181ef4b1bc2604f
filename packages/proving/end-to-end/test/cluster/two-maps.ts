import type { Position } from "@sallyport/domain";
import { TestCluster, type TestClusterOptions } from "./test-cluster.ts";
import type { Walker } from "./walker.ts";

/** This cell is two steps away from the warp to the forest. */
export const beforeWarp: Position = { map: "harbour", x: 41, y: 3 };
/** The warp to the forest leads to this cell. */
export const inForest: Position = { map: "forest", x: 41, y: 60 };

export interface PlayersMax {
  readonly harbour?: number;
  readonly forest?: number;
}

/**
 * Starts a cluster with the harbour on map-1 and the forest on map-2. New characters stand in front of the
 * warp between them.
 */
export async function startTwoMaps({
  playersMax: { harbour, forest } = {},
  ...options
}: TestClusterOptions & { readonly playersMax?: PlayersMax } = {}): Promise<TestCluster> {
  const cluster = await TestCluster.start({ spawn: beforeWarp, ...options, mapServers: [] });
  await cluster.startMap("map-1", { maps: ["harbour"], ...(harbour && { playersMax: harbour }) });
  await cluster.startMap("map-2", { maps: ["forest"], ...(forest && { playersMax: forest }) });
  return cluster;
}

interface CharacterLock {
  readonly state: string;
  readonly charFence?: number;
  readonly owner: { readonly server: string };
  readonly target?: { readonly server: string };
}

export async function characterLockOf(
  cluster: TestCluster,
  { ticket: { accountId } }: Pick<Walker, "ticket">,
): Promise<CharacterLock | null> {
  return (await cluster.characterLock({ accountId })) as CharacterLock | null;
}
