import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts, startPostgres, startRedis } from "@sallyport/testkit";
import type { Target } from "../attack/attack.ts";
import type { Way } from "../way.ts";
import { type Allocator, allocatorEnvironment } from "./allocator.ts";
import { gatewayDoors, linkDoors, publicVariables, serverDoors } from "./doors.ts";
import { ServerProcess } from "./server-process.ts";

export interface ClusterOptions {
  /** Each server in its own process, or all in one; the gateway always has its own. */
  readonly layout: "separate" | "up";
  readonly allocator: Allocator;
  /** Settings for every process, on top of the defaults. */
  readonly settings: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

export interface Cluster {
  readonly servers: readonly ServerProcess[];
  readonly targets: readonly Target[];
  readonly ways: readonly Way[];
  stop(): Promise<void>;
}

const host = "127.0.0.1";
const stopMs = 20_000;
/**
 * Attackers, and bots that do not use the gateway, come from other addresses than the gateway. Only Linux has
 * enough of them (`Sources`). Elsewhere the gateway does not say who connects.
 */
const hasAddresses = process.platform === "linux";
const ofGateway = { GATEWAY_SEND_PROXY: hasAddresses ? "yes" : "no" };
const behindGateway = hasAddresses ? { PROXY_FROM: host } : {};

/** Starts real processes on their own Redis and Postgres. `stop` removes everything. */
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
    const commands = isSeparate
      ? (["login", "char", "map", "gateway"] as const)
      : (["up", "gateway"] as const);
    const doors = [...serverDoors, ...gatewayDoors, ...(isSeparate ? linkDoors : [])];
    // All ports are picked before anything starts, so that each process can be told those of the others.
    const ports = await freePorts(doors.length + commands.length);
    const targets = doors.map(({ variable: _, ...door }, index) => ({
      ...door,
      host,
      port: ports[index] ?? 0,
    }));
    const portOf = Object.fromEntries(doors.map(({ variable }, index) => [variable, String(ports[index])]));
    const publicPorts = Object.entries(publicVariables).map(([variable, of]) => [variable, portOf[of]]);
    const environment = {
      LOG_LEVEL: "info",
      REDIS_URL: redis.url,
      DATABASE_URL: database.url,
      CHAR_SERVERS: `alpha:${linkPassword}`,
      CHAR_PASSWORD: linkPassword,
      LOGIN_LINK: `${host}:${portOf["LOGIN_LINK_PORT"]}`,
      CHAR_LINK: `${host}:${portOf["CHAR_LINK_PORT"]}`,
      ...portOf,
      ...Object.fromEntries(publicPorts),
      ...allocatorEnvironment(allocator),
      ...settings,
    };
    const servers: ServerProcess[] = [];
    for (const [index, command] of commands.entries()) {
      const server = new ServerProcess({
        command,
        environment: { ...environment, ...(command === "gateway" ? ofGateway : behindGateway) },
        adminPort: ports[doors.length + index] ?? 0,
        folder: join(folder, command),
        secrets: [...secrets, linkPassword],
      });
      servers.push(server);
      stops.push(() => server.stop(stopMs));
      // One after the other: the first server creates the tables, and each server waits for the one before
      // it.
      await server.start();
    }
    return { servers, targets, ways: waysOf(targets), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function waysOf(targets: readonly Target[]): readonly Way[] {
  const portOf = (at: Target["at"], tier: Target["tier"]): number =>
    targets.find((target) => target.at === at && target.tier === tier && target.kind === "tcp")?.port ?? 0;
  const past = (["char", "map"] as const).map((tier) => [portOf("gateway", tier), portOf("server", tier)]);
  return [
    { name: "direct", loginPort: portOf("server", "login"), instead: Object.fromEntries(past) },
    { name: "gateway", loginPort: portOf("gateway", "login"), instead: {} },
  ];
}
