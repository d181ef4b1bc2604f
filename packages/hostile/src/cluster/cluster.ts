import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts, startPostgres, startRedis } from "@sallyport/testkit";
import type { Target } from "../attack/attack.ts";
import { type Allocator, allocatorEnvironment } from "./allocator.ts";
import { ServerProcess } from "./server-process.ts";

export interface ClusterOptions {
  /** Each server in its own process, or all in one. */
  readonly layout: "separate" | "up";
  readonly allocator: Allocator;
  /** Settings on top of the defaults, for every process. */
  readonly settings: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

export interface Cluster {
  readonly servers: readonly ServerProcess[];
  readonly targets: readonly Target[];
  readonly loginPort: number;
  stop(): Promise<void>;
}

const host = "127.0.0.1";
const stopMs = 20_000;
const doorVariables = ["LOGIN_PORT", "LOGIN_WS_PORT", "CHAR_PORT", "CHAR_WS_PORT", "MAP_PORT", "MAP_WS_PORT"];
const linkVariables = ["LOGIN_LINK_PORT", "CHAR_LINK_PORT"];

/** Real processes on their own Redis and Postgres; nothing of it is left after `stop`. */
export async function startCluster({
  layout,
  allocator,
  settings,
  secrets,
}: ClusterOptions): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-hostile-"));
  const stops: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    const redis = await startRedis();
    stops.push(redis.stop);
    const postgres = await startPostgres();
    stops.push(postgres.stop);
    const database = await postgres.createDatabase();
    const linkPassword = randomBytes(24).toString("hex");
    const isSeparate = layout === "separate";
    const commands = isSeparate ? (["login", "char", "map"] as const) : (["up"] as const);
    const variables = isSeparate ? [...doorVariables, ...linkVariables] : doorVariables;
    // Named before anything starts, so that every process can be told of every other.
    const ports = await freePorts(variables.length + commands.length);
    const portOf = Object.fromEntries(variables.map((variable, index) => [variable, String(ports[index])]));
    const environment = {
      LOG_LEVEL: "info",
      REDIS_URL: redis.url,
      DATABASE_URL: database.url,
      CHAR_SERVERS: `alpha:${linkPassword}`,
      CHAR_PASSWORD: linkPassword,
      LOGIN_LINK: `${host}:${portOf["LOGIN_LINK_PORT"]}`,
      CHAR_LINK: `${host}:${portOf["CHAR_LINK_PORT"]}`,
      ...portOf,
      ...allocatorEnvironment(allocator),
      ...settings,
    };
    const servers: ServerProcess[] = [];
    for (const [index, command] of commands.entries()) {
      const server = new ServerProcess({
        command,
        environment,
        adminPort: ports[variables.length + index] ?? 0,
        folder: join(folder, command),
        secrets: [...secrets, linkPassword],
      });
      servers.push(server);
      stops.push(() => server.stop(stopMs));
      // One after the other: whoever is first makes the tables, and a server waits for the one before it.
      await server.start();
    }
    const targets = variables.map((variable) => targetOf(variable, Number(portOf[variable])));
    return { servers, targets, loginPort: Number(portOf["LOGIN_PORT"]), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function targetOf(variable: string, port: number): Target {
  const [tier = "LOGIN", ...rest] = variable.split("_");
  const kind = rest[0] === "WS" ? "websocket" : rest[0] === "LINK" ? "link" : "tcp";
  return { tier: tier.toLowerCase() as Target["tier"], kind, host, port };
}
