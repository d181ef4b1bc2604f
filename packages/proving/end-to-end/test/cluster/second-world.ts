import { createCharServer } from "@sallyport/char-server";
import { characterNames } from "@sallyport/database";
import { memoryChannelPair } from "@sallyport/link";
import { MemoryLockStore } from "@sallyport/lock-store";
import type { Connect, DoorAddress } from "@sallyport/sdk";
import { defaultClientBounds, defaultLinkBounds } from "@sallyport/server-kit";
import { charStoresOn } from "./char-stores.ts";
import { linkPassword, spawn, type TestCluster } from "./test-cluster.ts";

export interface SecondWorld {
  readonly address: DoorAddress;
  readonly connect: Connect;
  stop(): Promise<void>;
}

/** Starts another char-server, Beta, which links to the same login-server. It has no map-server. */
export async function startSecondWorld(cluster: TestCluster): Promise<SecondWorld> {
  const address = { host: "memory", port: 1_000 };
  const char = createCharServer(cluster.hostOf(), {
    ...charStoresOn(cluster.database),
    store: new MemoryLockStore({ nowMs: () => cluster.storeMs() }),
    timing: cluster.timing,
    connectLogin: async () => {
      const [near, far] = memoryChannelPair(["beta", "login-server"]);
      cluster.login.acceptCharServer(far);
      return near;
    },
    credentials: { server: "beta", username: "beta", password: linkPassword },
    world: { name: "Beta", ...address, wsUrl: null, otherDoors: [], near: [] },
    rules: { spawn, slotCount: 9, names: characterNames(), deletionS: 0 },
    clientBounds: defaultClientBounds,
    linkBounds: defaultLinkBounds,
  });
  await char.start();
  return {
    address,
    connect: async (to, withinMs, door) => {
      if (to.port !== address.port) return cluster.connect(to, withinMs, door);
      const [near, far] = memoryChannelPair(["client", "beta"]);
      char.acceptClient(far);
      return near;
    },
    stop: () => char.stop(),
  };
}
