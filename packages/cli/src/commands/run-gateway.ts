import {
  connectBy,
  Gateway,
  type GatewayDoor,
  gatewaySettings,
  peekAt,
  peekNative,
  peekRagnarok,
} from "@sallyport/gateway";
import type { ByteChannel } from "@sallyport/link";
import { listenTcp } from "@sallyport/link/tcp";
import { openRedisLockReaders } from "@sallyport/lock-store/redis";
import {
  doorTlsSettings,
  type Environment,
  listenOptions,
  openDoor,
  Refusals,
  readDoorTls,
  readServersTls,
  readSettings,
  readTogether,
  serversTlsSettings,
} from "@sallyport/server-kit";
import { watchCertificates } from "../process/certificates.ts";
import { operationSettings } from "../process/operation.ts";
import type { Running, Shell } from "../process/shell.ts";
import { stopInOrder } from "../process/stops.ts";
import { openDirectory } from "../stores/directory.ts";
import { gatewayStoreSettings, readRedis } from "../stores/store-settings.ts";
import { onceThere } from "../stores/wait-for-stores.ts";
import { gatewayASeriesSettings } from "../tiers/a-series-door.ts";
import { describeDoors } from "../tiers/doors.ts";
import { keepPublished } from "../tiers/presence.ts";
import { gatewayRagnarokSettings, warnOfUntested } from "../tiers/ragnarok-doors.ts";
import { ragnarokOption } from "./ragnarok-option.ts";
import { serverCommand } from "./server-command.ts";

export const gatewayProcessSettings = {
  ...gatewaySettings,
  ...gatewayRagnarokSettings,
  ...gatewayASeriesSettings,
  ...gatewayStoreSettings,
};

/** Reads the settings. Rejects with `SettingsInvalid`. */
export const readGateway = (environment: Environment) =>
  readTogether({
    settings: () => readSettings(gatewayProcessSettings, environment),
    doorTls: () => readDoorTls(environment),
    serversTls: () => readServersTls(environment),
    redis: () => readRedis(gatewayStoreSettings.redisUrl, environment),
  });

/**
 * Runs a gateway: one public door for many servers. The gateway only reads from Redis. It looks up which
 * server owns each character, and which servers are up.
 */
export async function runGateway(
  shell: Shell,
  { settings, doorTls, serversTls, redis: { redis, redisFiles } }: Awaited<ReturnType<typeof readGateway>>,
): Promise<Running> {
  const { log } = shell;
  const { world, connectMs: withinMs, drainMs, startMs } = settings;
  const readers = await onceThere(shell, () => openRedisLockReaders({ ...redis, log }), startMs);
  const locks = readers.of(`world:${world}`);
  const directory = openDirectory(redis);
  const gateway = new Gateway(shell, {
    world,
    bounds: settings,
    sendProxy: settings.sendProxy,
    directory,
    locks,
    connect: connectBy({
      withinMs,
      ca: () => serversTls.files?.current.ca ?? null,
      name: serversTls.name,
    }),
  });
  await gateway.look();

  const { host, packetVer, wsOrigins, handshakeMs, newcomersMax, newcomersPerAddressMax, isProxy } = settings;
  const bounds = { handshakeMs, newcomersMax, newcomersPerAddressMax, isProxy };
  const doors: { readonly stop: () => Promise<void> }[] = [];
  const doorsOpen: { [door: string]: object } = {};
  const atDoor =
    (door: GatewayDoor["door"], dialect: string, port: number, peek = peekAt(door, peekNative)) =>
    (channel: ByteChannel): void =>
      gateway.accept(channel, { door, dialect, peek, address: { host, port } });
  const refusalsAt = (door: GatewayDoor["door"]) => new Refusals(shell, { at: "gateway", door });
  for (const door of ["login", "char", "map"] as const) {
    const port = settings[`${door}Port`];
    if (port === null) continue;
    const place = { host, port, wsPort: settings[`${door}WsPort`], wsOrigins, ...bounds };
    const refusals = refusalsAt(door);
    const opening = await openDoor(place, { tls: doorTls, refusals }, atDoor(door, "native", port));
    doors.push(opening);
    doorsOpen[door] = describeDoors({ native: opening, ragnarok: null });
  }
  for (const door of ["login", "char", "map"] as const) {
    const port = settings[`${door}RagnarokPort`];
    if (port === null) continue;
    // Only at the map door does the gateway read packets of Ragnarok clients. So the version matters only
    // there.
    if (door === "map") warnOfUntested(packetVer, log);
    const accept = atDoor(door, "ragnarok", port, peekAt(door, peekRagnarok(packetVer)));
    const opening = await listenTcp({ host, port }, accept, listenOptions(bounds, refusalsAt(door)));
    doors.push(opening);
    doorsOpen[door] = { ...doorsOpen[door], ragnarok: opening.address };
  }
  if (settings.loginASeriesPort !== null) {
    const port = settings.loginASeriesPort;
    const accept = atDoor("login", "a-series", port);
    const opening = await listenTcp({ host, port }, accept, listenOptions(bounds, refusalsAt("login")));
    doors.push(opening);
    doorsOpen["login"] = { ...doorsOpen["login"], aSeries: opening.address };
  }
  const stopWatching = watchCertificates(shell, doorTls, serversTls.files, redisFiles);
  const self = { kind: "gateway", name: settings.name, world, publicDoor: null } as const;
  const withdraw = keepPublished(shell, directory, self, () => ({
    ...{ state: gateway.state, maps: [], players: 0, links: [] },
    clients: gateway.clientCount,
    capacity: settings.clientsMax,
  }));
  const closeDoors = (): Promise<unknown> => Promise.all(doors.map((door) => door.stop()));
  log.info({ doors: doorsOpen }, "gateway ready");
  return {
    checks: {
      "the lock store answers": () => locks.load("ready"),
      "a map-server is up": () => gateway.hasServer("map"),
    },
    operators: null,
    drain(why) {
      if (why === "for-good" || drainMs === 0) return null;
      void closeDoors();
      return gateway.drain(drainMs);
    },
    stop: () =>
      stopInOrder(
        stopWatching,
        closeDoors,
        () => Promise.all([gateway.stop(), withdraw()]),
        () => Promise.all([readers.close(), directory.close()]),
      ),
  };
}

export const gatewayCommand = serverCommand({
  settings: [gatewayProcessSettings, doorTlsSettings, serversTlsSettings],
  operation: operationSettings("info"),
  options: [ragnarokOption],
  read: readGateway,
  run: runGateway,
});
