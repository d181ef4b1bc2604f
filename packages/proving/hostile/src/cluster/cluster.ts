import { Rig } from "@sallyport/rig";
import { builtCommand, freePorts, type SallyportProcess } from "@sallyport/testkit";
import type { Target } from "../attack/attack.ts";
import type { Way } from "../way.ts";
import { type Allocator, allocatorEnvironment } from "./allocator.ts";
import { gatewayDoors, linkDoors, publicVariables, serverDoors } from "./doors.ts";
import { LogBook } from "./log-book.ts";

export interface ClusterOptions {
  /** Each server in its own process, or all in one; the gateway always has its own. */
  readonly layout: "separate" | "up";
  readonly allocator: Allocator;
  /** Settings for every process, on top of the defaults. */
  readonly settings: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

export interface Cluster {
  readonly servers: readonly SallyportProcess[];
  /** By the name of the server. */
  readonly logs: ReadonlyMap<string, LogBook>;
  readonly targets: readonly Target[];
  readonly ways: readonly Way[];
  stop(): Promise<void>;
}

const host = "127.0.0.1";
const stopMs = 20_000;
const collector = new URL("./collector.js", import.meta.url);
/**
 * Attackers, and bots that do not use the gateway, come from other addresses than the gateway. Only Linux has
 * enough of them (`Sources`). Elsewhere the gateway does not say who connects.
 */
const hasAddresses = process.platform === "linux";
const ofGateway = { GATEWAY_SEND_PROXY: hasAddresses ? "yes" : "no" };
const behindGateway = hasAddresses ? { PROXY_FROM: host } : {};

/** Starts real processes on their own Redis and Postgres. `stop` removes everything. */
export function startCluster({ layout, allocator, settings, secrets }: ClusterOptions): Promise<Cluster> {
  return Rig.open({ name: "hostile", graceMs: stopMs }, async (rig) => {
    const redis = await rig.startRedis();
    const { databaseUrl } = await rig.startPostgres();
    const { linkPassword } = rig;
    const isSeparate = layout === "separate";
    const commands = isSeparate
      ? (["login", "char", "map", "gateway"] as const)
      : (["up", "gateway"] as const);
    const doors = [...serverDoors, ...gatewayDoors, ...(isSeparate ? linkDoors : [])];
    // All ports are picked before anything starts, so that each process can be told those of the others.
    const ports = await freePorts(doors.length);
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
      DATABASE_URL: databaseUrl,
      CHAR_SERVERS: `alpha:${linkPassword}`,
      CHAR_PASSWORD: linkPassword,
      LOGIN_LINK: `${host}:${portOf["LOGIN_LINK_PORT"]}`,
      CHAR_LINK: `${host}:${portOf["CHAR_LINK_PORT"]}`,
      ...portOf,
      ...Object.fromEntries(publicPorts),
      ...allocatorEnvironment(allocator),
      ...settings,
    };
    const servers: SallyportProcess[] = [];
    const logs = new Map<string, LogBook>();
    for (const name of commands) {
      const log = new LogBook([...secrets, linkPassword]);
      logs.set(name, log);
      const server = await rig.startServer({
        name,
        environment: { ...environment, ...(name === "gateway" ? ofGateway : behindGateway) },
        program: ["--expose-gc", `--import=${collector.href}`, builtCommand],
        hasChannel: true,
        heard: (line) => log.add(line),
      });
      // One after the other: the first server creates the tables, and each server waits for the one before
      // it.
      servers.push(server);
    }
    return { servers, logs, targets, ways: waysOf(targets), stop: () => rig.stop() };
  });
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
