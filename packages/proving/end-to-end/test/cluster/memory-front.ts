import { Front, type FrontOptions } from "@sallyport/front";
import { clientBounds } from "@sallyport/server-kit";
import { testHost } from "@sallyport/testkit";
import { expect } from "vitest";
import type { MemoryCluster } from "./memory-cluster.ts";

/** A front that reaches the servers of a cluster in memory, by `connect` or as every client of the cluster does. */
export const memoryFront = (
  cluster: MemoryCluster,
  connect: ReturnType<FrontOptions["inward"]["connectFor"]> = cluster.connection.connect,
): Front =>
  new Front(testHost({ clock: cluster.clock }), {
    ...{ bounds: clientBounds({}), version: "1" },
    inward: { login: cluster.address.login, connectFor: () => connect, probe: async () => {} },
  });

/** Stops both. No server may have met a bug. */
export async function stopBoth(front: Front, cluster: MemoryCluster): Promise<void> {
  const stopped = front.stop();
  await cluster.clock.advance(1_000);
  await stopped;
  await cluster.stop();
  expect(cluster.bugs).toEqual([]);
}
