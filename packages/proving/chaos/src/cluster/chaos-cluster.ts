import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { record } from "@sallyport/bots";
import {
  type ClusterPlan,
  type Entrance,
  type Environment,
  environmentOf,
  frontEnvironmentOf,
  gatewayEnvironmentOf,
  Rig,
} from "@sallyport/rig";
import { freePorts, type RunningPostgres, type RunningRedis, stepScorerFile } from "@sallyport/testkit";
import type { Fact } from "../history/fact.ts";
import { installAudit } from "./audit.ts";
import { installBoard } from "./board.ts";
import { type FrontName, type LinkName, type ServerName, serverNames } from "./names.ts";
import { installScores } from "./scores.ts";
import { hostedMaps, room, spawn, writeSmallMaps } from "./small-maps.ts";
import { WatchedServer } from "./watched-server.ts";
import { addresses, host, tierOf, type Wiring, wire } from "./wiring.ts";

export interface ChaosCluster {
  readonly servers: { readonly [name in ServerName]: WatchedServer };
  readonly links: Wiring["links"];
  /** Each server with clients has one proxy before each of its ports for them. */
  readonly doors: Wiring["doors"];
  readonly redis: RunningRedis;
  readonly postgres: RunningPostgres;
  readonly databaseUrl: string;
  /** What an operator shows at the admin ports. */
  readonly adminToken: string;
  /** Where clients of all protocols come in. */
  readonly entrances: readonly [Entrance, ...Entrance[]];
  /** Where authors come in, and the id of their leaderboard. */
  readonly authorPlaces: Wiring["authorPlaces"];
  readonly board: number;
  stop(): Promise<void>;
}

export interface ChaosClusterOptions {
  readonly settings: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly saw: (fact: Fact) => void;
}

/** The servers, their doors, and all proxies together need fewer ports. */
const portsMax = 90;

/**
 * Starts real processes, with a proxy before every port that anything connects to. `stop` removes everything.
 */
export function startChaosCluster({ settings, secrets, saw }: ChaosClusterOptions): Promise<ChaosCluster> {
  return Rig.open({ name: "chaos", graceMs: 40_000 }, async (rig) => {
    const redis = await rig.startRedis({ persistent: true });
    const { postgres, databaseUrl: straightUrl } = await rig.startPostgres();
    const mapsFolder = join(rig.folder, "maps");
    writeSmallMaps(mapsFolder);
    const ports = await freePorts(portsMax);
    const nextPort = (): number => {
      const port = ports.pop();
      if (port === undefined) throw new Error("more ports are needed than were looked for");
      return port;
    };
    const stores = {
      redis: { path: redis.url.replace("unix://", "") },
      postgres: { path: join(socketFolderOf(straightUrl), ".s.PGSQL.5432") },
    };
    const wiring = wire({ nextPort, stores, saw });
    const { links, doors, entrances, authorPlaces } = wiring;
    for (const proxy of wiring.proxies) {
      await proxy.start();
      rig.stopAlso(() => proxy.stop());
    }

    const adminToken = randomBytes(24).toString("hex");
    const plan: ClusterPlan = {
      linkPassword: rig.linkPassword,
      loginServers: ["login-1", "login-2"],
      find(server, what) {
        const address = `${host}:${links[`${server} to ${what}` as LinkName][0]?.port}`;
        if (what === "redis") return `redis://${address}`;
        return what === "postgres" ? `postgres://postgres@${address}/${nameOf(straightUrl)}` : address;
      },
      innerHost: addresses.gateway,
      proxyFrom: [addresses.gateway, addresses["front-1"]].join(),
      settings: {
        ...{ MAPS_FOLDER: mapsFolder, WORLD_SPAWN: spawn, GAME: stepScorerFile },
        ...{ RAGNAROK_REGISTRATION: "yes", CHAT_ROOM: room, SLIME_ROOMS: `1=${room}` },
        ADMIN_TOKEN: adminToken,
        ...settings,
      },
    };
    const watch = { secrets: [...secrets, rig.linkPassword, adminToken], saw };
    const started: WatchedServer[] = [];
    // The servers start one after another. The first one creates the tables, and each server needs the
    // servers that started before it.
    for (const name of serverNames) {
      const server = { name, args: [commandOf(name)], environment: environment(plan, wiring, name) };
      started.push(await WatchedServer.start(rig, server, watch));
    }
    const servers = record(serverNames, (name) => started[serverNames.indexOf(name)] as WatchedServer);
    await installAudit(straightUrl);
    await installScores(straightUrl);
    const board = await installBoard(straightUrl);
    return {
      ...{ servers, links, doors, redis, postgres, databaseUrl: straightUrl, adminToken, entrances },
      ...{ authorPlaces, board },
      stop: () => rig.stop(),
    };
  });
}

const isFront = (name: ServerName): name is FrontName => name.startsWith("front-");
const commandOf = (name: ServerName): string => name.split("-")[0] ?? "";

function environment(plan: ClusterPlan, { listening, told, loginOf }: Wiring, name: ServerName): Environment {
  if (name === "gateway") {
    const doors = record(["login", "char", "map"], (tier) => ({ tcp: listening.gateway[tier] }));
    return gatewayEnvironmentOf(plan, { name, doors, front: addresses["front-2"] });
  }
  if (isFront(name)) {
    const from = addresses[name];
    const ports = listening.fronts[name];
    return frontEnvironmentOf(plan, { gateway: from, login: loginOf[name], from, ports });
  }
  if (name === "resource") {
    return {
      ...{ LOG_LEVEL: "info", DATABASE_URL: plan.find(name, "postgres") },
      TOKEN_KEYS_URL: `http://${plan.find(name, "login-1")}`,
      RESOURCE_PORT: String(listening.resource.tcp),
      RESOURCE_HTTP_PORT: String(listening.resource.http),
      // Nobody verifies the entries of authors.
      RESOURCE_UNVERIFIED_MAX: "1000000",
      ...plan.settings,
    };
  }
  const inner = environmentOf(plan, {
    tier: tierOf(name),
    name,
    doors: {
      ...{ tcp: listening.tcp[name], ragnarok: listening.ragnarok[name] },
      ...(name === "login-1" || name === "login-2" ? { aSeries: listening.aSeries[name] } : {}),
    },
    told: tierOf(name) === "login" ? {} : told[name],
    linkPort: name === "map-1" || name === "map-2" ? undefined : listening.links[name],
  });
  if (name === "login-1") {
    const { keys, token } = listening;
    return { TOKEN_HTTP_PORT: String(keys), TOKEN_PORT: String(token), ...inner };
  }
  return name === "map-1" || name === "map-2" ? { MAPS_HOSTED: hostedMaps[name], ...inner } : inner;
}

const socketFolderOf = (url: string): string => new URLSearchParams(url.split("?")[1]).get("host") ?? "";

const nameOf = (url: string): string => /\/([^/?]+)\?/.exec(url)?.[1] ?? "";
