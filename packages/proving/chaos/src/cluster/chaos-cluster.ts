import { join } from "node:path";
import { record } from "@sallyport/bots";
import {
  type ClusterPlan,
  type Environment,
  environmentOf,
  FaultProxy,
  type FaultProxyOptions,
  gatewayEnvironmentOf,
  Rig,
  type Tier,
  type Way,
} from "@sallyport/rig";
import { freePorts, type RunningPostgres, type RunningRedis, stepCounterFile } from "@sallyport/testkit";
import type { Fact } from "../history/fact.ts";
import { LinkTap } from "../history/link-tap.ts";
import { installAudit } from "./audit.ts";
import {
  gatewayLinks,
  type InnerName,
  type LinkName,
  type ServerName,
  serverNames,
  storeLinks,
} from "./names.ts";
import { hostedMaps, spawn, writeSmallMaps } from "./small-maps.ts";
import { WatchedServer } from "./watched-server.ts";

const host = "127.0.0.1";
/**
 * On Linux, every address in 127.0.0.0/8 belongs to this machine. The gateway gets its own address, as if it
 * ran on another machine. Servers accept PROXY headers only from that address.
 */
const gatewayAddress = "127.0.0.2";

const innerNames = serverNames.filter((name): name is InnerName => name !== "gateway");

export interface ChaosCluster {
  readonly servers: { readonly [name in ServerName]: WatchedServer };
  readonly links: { readonly [name in LinkName]: FaultProxy };
  /** Each server has one proxy before its door. The gateway has one proxy for each kind of server. */
  readonly doors: { readonly [name in ServerName]: readonly FaultProxy[] };
  readonly redis: RunningRedis;
  readonly postgres: RunningPostgres;
  readonly databaseUrl: string;
  /** The ways alternate: one goes through the gateway, the next one goes directly to a login-server. */
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
    // The doors, the links and all other proxies together need at most this many ports.
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
    const gatewayDoors = record(["login", "char", "map"], () => ({ tcp: nextPort() }));
    const linkPorts = new Map(["login-1", "login-2", "char"].map((name) => [name, nextPort()]));
    const linkTo = (name: InnerName) => ({ port: linkPorts.get(name) ?? 0 });
    const stores = {
      redis: { path: redis.url.replace("unix://", "") },
      postgres: { path: join(socketFolderOf(straightUrl), ".s.PGSQL.5432") },
    };
    const links: ChaosCluster["links"] = {
      "char to login-1": newProxy({ to: linkTo("login-1") }),
      "char to login-2": newProxy({ to: linkTo("login-2") }),
      "map-1 to char": newProxy({ to: linkTo("char"), tap: new LinkTap("map-1", saw) }),
      "map-2 to char": newProxy({ to: linkTo("char"), tap: new LinkTap("map-2", saw) }),
      // The gateway learns only the host of a server, and connects to the server's own port number on that
      // host. So this proxy listens on the same port number, but at another address.
      ...record(gatewayLinks, (name) => {
        const port = doorPorts[targetOf(name) as InnerName];
        return newProxy({ to: { port }, address: gatewayAddress }, port);
      }),
      ...record(storeLinks, (name) => newProxy({ to: stores[targetOf(name) as keyof typeof stores] })),
    };
    const straight = record(innerNames, (name) => newProxy({ to: { port: doorPorts[name] } }));
    const led = record(["login", "char", "map"], (tier) =>
      newProxy({ to: { port: gatewayDoors[tier].tcp } }),
    );
    for (const proxy of proxies) {
      await proxy.start();
      rig.stopAlso(() => proxy.stop());
    }

    const plan: ClusterPlan = {
      linkPassword: rig.linkPassword,
      loginServers: ["login-1", "login-2"],
      find(server, what) {
        const address = `${host}:${links[`${server} to ${what}` as LinkName].port}`;
        if (what === "redis") return `redis://${address}`;
        return what === "postgres" ? `postgres://postgres@${address}/${nameOf(straightUrl)}` : address;
      },
      innerHost: gatewayAddress,
      proxyFrom: gatewayAddress,
      settings: { MAPS_FOLDER: mapsFolder, WORLD_SPAWN: spawn, GAME: stepCounterFile, ...settings },
    };
    const environment = (name: ServerName): Environment => {
      if (name === "gateway") return gatewayEnvironmentOf(plan, { name, doors: gatewayDoors });
      const tier = tierOf(name);
      const told = tier === "login" ? {} : { tcp: straight[name].port };
      const linkPort = linkPorts.get(name);
      const server = environmentOf(plan, { tier, name, doors: { tcp: doorPorts[name] }, told, linkPort });
      return tier === "map"
        ? { MAPS_HOSTED: hostedMaps[name as keyof typeof hostedMaps], ...server }
        : server;
    };
    const watch = { secrets: [...secrets, rig.linkPassword], saw };
    const started: WatchedServer[] = [];
    // The servers start one after another. The first one creates the tables, and each server needs the
    // servers that started before it.
    for (const name of serverNames) {
      const server = {
        name,
        args: [name === "gateway" ? name : tierOf(name)],
        environment: environment(name),
      };
      started.push(await WatchedServer.start(rig, server, watch));
    }
    const servers = record(serverNames, (name) => started[serverNames.indexOf(name)] as WatchedServer);
    await installAudit(straightUrl);
    const gateway: Way = {
      name: "gateway",
      login: { host, port: led.login.port },
      instead: {
        [straight.char.port]: led.char.port,
        [straight["map-1"].port]: led.map.port,
        [straight["map-2"].port]: led.map.port,
      },
    };
    const straightTo = (name: InnerName): Way => ({
      name,
      login: { host, port: straight[name].port },
      instead: {},
    });
    return {
      servers,
      links,
      doors: { ...record(innerNames, (name) => [straight[name]]), gateway: Object.values(led) },
      redis,
      postgres,
      databaseUrl: straightUrl,
      ways: [gateway, straightTo("login-1"), gateway, straightTo("login-2")],
      stop: () => rig.stop(),
    };
  });
}

const tierOf = (name: InnerName): Tier => name.split("-")[0] as Tier;

const targetOf = (link: LinkName): string => link.split(" to ")[1] ?? "";

const socketFolderOf = (url: string): string => new URLSearchParams(url.split("?")[1]).get("host") ?? "";

const nameOf = (url: string): string => /\/([^/?]+)\?/.exec(url)?.[1] ?? "";
