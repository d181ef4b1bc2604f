import { join } from "node:path";
import { Rig } from "@sallyport/rig";
import { freePorts, type RunningPostgres, type RunningRedis } from "@sallyport/testkit";
import type { Fact } from "../history/fact.ts";
import { LinkTap } from "../history/link-tap.ts";
import { installAudit } from "./audit.ts";
import { environmentsOf } from "./environments.ts";
import { FaultProxy, type FaultProxyOptions } from "./fault-proxy.ts";
import {
  gatewayLinks,
  type InnerName,
  type LinkName,
  record,
  type ServerName,
  serverNames,
  storeLinks,
} from "./names.ts";
import { writeSmallMaps } from "./small-maps.ts";
import { WatchedServer } from "./watched-server.ts";
import { byGateway, straightTo, type Way } from "./ways.ts";

const host = "127.0.0.1";
/**
 * Linux has all of 127.0.0.0/8. The gateway gets its own address, as if it ran on another machine: servers
 * accept PROXY headers only from there.
 */
const gatewayAddress = "127.0.0.2";

const innerNames = serverNames.filter((name): name is InnerName => name !== "gateway");

export interface ChaosCluster {
  readonly servers: { readonly [name in ServerName]: WatchedServer };
  readonly links: { readonly [name in LinkName]: FaultProxy };
  /** The gateway has a proxy for each kind of server. */
  readonly doors: { readonly [name in ServerName]: readonly FaultProxy[] };
  readonly redis: RunningRedis;
  readonly postgres: RunningPostgres;
  readonly databaseUrl: string;
  /** Every other way goes through the gateway. */
  readonly ways: readonly [Way, ...Way[]];
  stop(): Promise<void>;
}

export interface ChaosClusterOptions {
  readonly settings: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly saw: (fact: Fact) => void;
}

/**
 * Starts real processes, with a proxy before every port that anything connects to. `stop` removes everything.
 */
export function startChaosCluster({ settings, secrets, saw }: ChaosClusterOptions): Promise<ChaosCluster> {
  return Rig.open({ name: "chaos", graceMs: 40_000 }, async (rig) => {
    const redis = await rig.startRedis({ persistent: true });
    const { postgres, databaseUrl: straightUrl } = await rig.startPostgres();
    const mapsFolder = join(rig.folder, "maps");
    writeSmallMaps(mapsFolder);
    // Doors and link ports; and a port for each proxy that has neither.
    const ports = await freePorts(34);
    const nextPort = (): number => {
      const port = ports.pop();
      if (port === undefined) throw new Error("more ports are needed than were looked for");
      return port;
    };
    const proxies: FaultProxy[] = [];
    const newProxy = (options: Omit<FaultProxyOptions, "port">, port = nextPort()): FaultProxy => {
      const proxy = new FaultProxy({ ...options, port });
      proxies.push(proxy);
      return proxy;
    };

    const doorPorts = record(innerNames, nextPort);
    const gatewayDoors = { login: nextPort(), char: nextPort(), map: nextPort() };
    const linkDoors = { "login-1": nextPort(), "login-2": nextPort(), char: nextPort() };
    const stores = {
      redis: { path: redis.url.replace("unix://", "") },
      postgres: { path: join(socketFolderOf(straightUrl), ".s.PGSQL.5432") },
    };
    const links: ChaosCluster["links"] = {
      "char to login-1": newProxy({ to: { port: linkDoors["login-1"] } }),
      "char to login-2": newProxy({ to: { port: linkDoors["login-2"] } }),
      "map-1 to char": newProxy({ to: { port: linkDoors.char }, tap: new LinkTap("map-1", saw) }),
      "map-2 to char": newProxy({ to: { port: linkDoors.char }, tap: new LinkTap("map-2", saw) }),
      // The gateway learns only the address of a server, and assumes the server's own port.
      ...record(gatewayLinks, (name) => {
        const port = doorPorts[targetOf(name) as InnerName];
        return newProxy({ to: { port }, address: gatewayAddress }, port);
      }),
      ...record(storeLinks, (name) => newProxy({ to: stores[targetOf(name) as keyof typeof stores] })),
    };
    const straight = record(innerNames, (name) => newProxy({ to: { port: doorPorts[name] } }));
    const led = {
      login: newProxy({ to: { port: gatewayDoors.login } }),
      char: newProxy({ to: { port: gatewayDoors.char } }),
      map: newProxy({ to: { port: gatewayDoors.map } }),
    };
    for (const proxy of proxies) {
      await proxy.start();
      rig.stopAlso(() => proxy.stop());
    }

    const redisUrl = (link: LinkName): string => `redis://${host}:${links[link].port}`;
    const databaseUrl = (link: LinkName): string =>
      `postgres://postgres@${host}:${links[link].port}/${nameOf(straightUrl)}`;
    const environments = environmentsOf(
      {
        doors: doorPorts,
        gatewayDoors,
        linkDoors,
        toldDoors: record(["char", "map-1", "map-2"], (name) => straight[name].port),
        charFinds: record(["login-1", "login-2"], (name) => links[`char to ${name}`].port),
        mapFinds: record(["map-1", "map-2"], (name) => links[`${name} to char`].port),
        redisUrls: record(["login-1", "login-2", "char", "gateway"], (name) => redisUrl(`${name} to redis`)),
        databaseUrls: record(["login-1", "login-2", "char"], (name) => databaseUrl(`${name} to postgres`)),
        gatewayAddress,
      },
      { mapsFolder, linkPassword: rig.linkPassword },
    );
    const watch = { secrets: [...secrets, rig.linkPassword], saw };
    const started: WatchedServer[] = [];
    // One after the other: the first server creates the tables, and each server waits for the one before it.
    for (const name of serverNames) {
      const environment = { LOG_LEVEL: "info", ...environments[name], ...settings };
      const args = [name.split("-")[0] ?? name];
      started.push(await WatchedServer.start(rig, { name, args, environment }, watch));
    }
    const servers = record(serverNames, (name) => started[serverNames.indexOf(name)] as WatchedServer);
    await installAudit(straightUrl);
    const leads = new Map([
      [straight.char.port, led.char.port],
      [straight["map-1"].port, led.map.port],
      [straight["map-2"].port, led.map.port],
    ]);
    const gateway = byGateway(led.login.port, leads);
    return {
      servers,
      links,
      doors: { ...record(innerNames, (name) => [straight[name]]), gateway: Object.values(led) },
      redis,
      postgres,
      databaseUrl: straightUrl,
      ways: [
        gateway,
        straightTo("login-1", straight["login-1"].port),
        gateway,
        straightTo("login-2", straight["login-2"].port),
      ],
      stop: () => rig.stop(),
    };
  });
}

const targetOf = (link: LinkName): string => link.split(" to ")[1] ?? "";

const socketFolderOf = (url: string): string => new URLSearchParams(url.split("?")[1]).get("host") ?? "";

const nameOf = (url: string): string => /\/([^/?]+)\?/.exec(url)?.[1] ?? "";
