import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  freePorts,
  type RunningPostgres,
  type RunningRedis,
  startPostgres,
  startRedis,
} from "@sallyport/testkit";
import type { Fact } from "../history/fact.ts";
import { LinkTap } from "../history/link-tap.ts";
import { installAudit } from "./audit.ts";
import { FaultProxy, type ProxyTarget, type Tap } from "./fault-proxy.ts";
import { type Command, ServerProcess } from "./server-process.ts";
import { mapNames, spawn, writeSmallMaps } from "./small-maps.ts";

const host = "127.0.0.1";

export const serverNames = ["login", "char", "map-1", "map-2"] as const;
export type ServerName = (typeof serverNames)[number];
/** By who connects to the next tier, and the stores. */
export const linkNames = ["char", "map-1", "map-2", "redis", "postgres"] as const;
export type LinkName = (typeof linkNames)[number];

const commandOf: { readonly [name in ServerName]: Command } = {
  login: "login",
  char: "char",
  "map-1": "map",
  "map-2": "map",
};

/** Each has a map of its own, and both have the third: whoever is there longer has it, and the other takes it over. */
const hosted: { readonly [name: string]: string } = {
  "map-1": `${mapNames[0]},${mapNames[2]}`,
  "map-2": `${mapNames[1]},${mapNames[2]}`,
};

export interface ChaosCluster {
  readonly servers: { readonly [name in ServerName]: ServerProcess };
  readonly links: { readonly [name in LinkName]: FaultProxy };
  readonly doors: { readonly [name in ServerName]: FaultProxy };
  readonly redis: RunningRedis;
  readonly postgres: RunningPostgres;
  readonly databaseUrl: string;
  readonly loginPort: number;
  stop(): Promise<void>;
}

export interface ChaosClusterOptions {
  readonly settings: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly saw: (fact: Fact) => void;
}

const record = <K extends string, V>(
  keys: readonly K[],
  valueOf: (key: K) => V,
): { readonly [key in K]: V } =>
  Object.fromEntries(keys.map((key) => [key, valueOf(key)])) as { readonly [key in K]: V };

/** Real processes, with a proxy before every port that anybody connects to; nothing of it is left after `stop`. */
export async function startChaosCluster({
  settings,
  secrets,
  saw,
}: ChaosClusterOptions): Promise<ChaosCluster> {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-chaos-"));
  const stops: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    const redis = await startRedis({ persistent: true });
    stops.push(redis.stop);
    const postgres = await startPostgres();
    stops.push(postgres.stop);
    const database = await postgres.createDatabase();
    const maps = join(folder, "maps");
    writeSmallMaps(maps);

    const linkPassword = randomBytes(24).toString("hex");
    // A door, a proxy before it and an admin port each; a link port of two, and a proxy before each link.
    const ports = await freePorts(serverNames.length * 3 + 2 + linkNames.length);
    const nextPort = (): number => {
      const port = ports.pop();
      if (port === undefined) throw new Error("more ports are needed than were looked for");
      return port;
    };
    const startProxy = async (to: number | ProxyTarget, tap?: Tap): Promise<FaultProxy> => {
      const target = typeof to === "number" ? { port: to } : to;
      const proxy = new FaultProxy(nextPort(), target, tap);
      await proxy.start();
      stops.push(() => proxy.stop());
      return proxy;
    };
    const doorPorts = record(serverNames, nextPort);
    const linkPorts = { login: nextPort(), char: nextPort() };
    const links = {
      char: await startProxy(linkPorts.login),
      "map-1": await startProxy(linkPorts.char, new LinkTap("map-1", saw)),
      "map-2": await startProxy(linkPorts.char, new LinkTap("map-2", saw)),
      redis: await startProxy({ path: redis.url.replace("unix://", "") }),
      postgres: await startProxy({ path: join(socketFolderOf(database.url), ".s.PGSQL.5432") }),
    };
    const doors = {
      login: await startProxy(doorPorts.login),
      char: await startProxy(doorPorts.char),
      "map-1": await startProxy(doorPorts["map-1"]),
      "map-2": await startProxy(doorPorts["map-2"]),
    };

    const stores = {
      REDIS_URL: `redis://${host}:${links.redis.port}`,
      DATABASE_URL: `postgres://postgres@${host}:${links.postgres.port}/${nameOf(database.url)}`,
    };
    const ofMap = (name: "map-1" | "map-2") => ({
      MAP_SERVER_NAME: name,
      MAPS_FOLDER: maps,
      MAPS_HOSTED: hosted[name] ?? "",
      MAP_PORT: String(doorPorts[name]),
      MAP_PUBLIC_PORT: String(doors[name].port),
      CHAR_PASSWORD: linkPassword,
      CHAR_LINK: `${host}:${links[name].port}`,
    });
    const environments: { readonly [name in ServerName]: Readonly<Record<string, string>> } = {
      login: {
        ...stores,
        LOGIN_PORT: String(doorPorts.login),
        LOGIN_LINK_PORT: String(linkPorts.login),
        CHAR_SERVERS: `alpha:${linkPassword}`,
      },
      char: {
        ...stores,
        CHAR_PORT: String(doorPorts.char),
        CHAR_PUBLIC_PORT: String(doors.char.port),
        CHAR_LINK_PORT: String(linkPorts.char),
        CHAR_PASSWORD: linkPassword,
        LOGIN_LINK: `${host}:${links.char.port}`,
        WORLD_SPAWN: spawn,
      },
      "map-1": ofMap("map-1"),
      "map-2": ofMap("map-2"),
    };
    const servers = record(
      serverNames,
      (name) =>
        new ServerProcess({
          name,
          command: commandOf[name],
          environment: { LOG_LEVEL: "info", ...environments[name], ...settings },
          adminPort: nextPort(),
          folder: join(folder, name),
          secrets: [...secrets, linkPassword],
          saw,
        }),
    );
    // One after the other: whoever is first makes the tables, and a server waits for the one before it.
    for (const name of serverNames) {
      stops.push(() => servers[name].stop());
      await servers[name].start();
    }
    await installAudit(database.url);
    return {
      servers,
      links,
      doors,
      redis,
      postgres,
      databaseUrl: database.url,
      loginPort: doors.login.port,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const socketFolderOf = (url: string): string => new URLSearchParams(url.split("?")[1]).get("host") ?? "";

const nameOf = (url: string): string => /\/([^/?]+)\?/.exec(url)?.[1] ?? "";
