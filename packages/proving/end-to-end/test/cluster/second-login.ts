import { createPasswordHasher, defaultAuthenticationSettings, unlimited } from "@sallyport/authentication";
import { systemClock } from "@sallyport/clock";
import { createMailTokenStore, createNetworkBans } from "@sallyport/database";
import { type DirectoryService, type Presence, Publisher } from "@sallyport/directory";
import { memoryChannelPair } from "@sallyport/link";
import { createLoginServer, type LoginServer, type LoginServerDeps } from "@sallyport/login-server";
import { type Client, createClient } from "@sallyport/sdk";
import { defaultClientBounds, defaultLinkBounds, silentLog } from "@sallyport/server-kit";
import { linkPassword, type TestCluster } from "./test-cluster.ts";

export interface SecondLogin {
  readonly server: LoginServer;
  /** Creates a client that logs in at this login-server. */
  client(): Client;
  stop(): Promise<void>;
}

/** Starts another login-server of the same cluster. No char-server is linked to it. */
export function startSecondLogin(
  cluster: TestCluster,
  directory: DirectoryService,
  other: Partial<LoginServerDeps> = {},
): SecondLogin {
  const server = createLoginServer(cluster.hostOf(), {
    accounts: cluster.accounts,
    networkBans: createNetworkBans(cluster.database),
    hasher: createPasswordHasher({ parameters: { memoryKib: 8_192, iterations: 1, parallelism: 1 } }),
    store: cluster.stores.login,
    timing: cluster.timing,
    clusterSecret: new Uint8Array(32),
    charServers: new Map([["alpha", linkPassword]]),
    mailTokens: createMailTokenStore(cluster.database),
    secondLogin: "takeover",
    authentication: defaultAuthenticationSettings,
    limitsFor: () => unlimited,
    clientBounds: defaultClientBounds,
    linkBounds: defaultLinkBounds,
    directory,
    ...other,
  });
  const address = { host: "memory", port: 2_000 };
  return {
    server,
    client: () =>
      createClient({
        login: address,
        connect: async (to, ...rest) => {
          if (to.port !== address.port) return cluster.connect(to, ...rest);
          const [near, far] = memoryChannelPair(["client", "login-2"]);
          server.acceptClient(far);
          return near;
        },
      }),
    stop: () => server.stop(),
  };
}

/**
 * Publishes the char-server in the directory, as the char-server's process would do. Returns a function that
 * withdraws it.
 */
export function publishChar(cluster: TestCluster, directory: DirectoryService): () => Promise<void> {
  const presence = (): Presence => ({
    kind: "char",
    name: "alpha",
    world: "Alpha",
    incarnation: "00112233aabbccdd",
    machine: "memory",
    pid: 1,
    sinceMs: 0,
    publicDoor: { ...cluster.charAddress, wsUrl: null, otherDoors: [], near: [] },
    innerDoors: [],
    ...cluster.char.status,
  });
  return new Publisher(directory, silentLog()).keepPublishing(presence, systemClock);
}
