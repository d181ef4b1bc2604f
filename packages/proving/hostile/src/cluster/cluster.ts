import {
  type ClusterPlan,
  environmentOf,
  freeDoorsOfTiers,
  gatewayEnvironmentOf,
  Rig,
  type Tier,
  tiers,
} from "@sallyport/rig";
import { builtCommand, freePorts, type SallyportProcess } from "@sallyport/testkit";
import type { Target } from "../attack/attack.ts";
import { exemptNetworks } from "../attack/attacks.ts";
import type { Way } from "../way.ts";
import { type Allocator, allocatorEnvironment } from "./allocator.ts";
import { LogBook } from "./log-book.ts";

export interface ClusterOptions {
  /**
   * `separate`: each server has its own process. `up`: all servers share one process. The gateway always has
   * its own process.
   */
  readonly layout: "separate" | "up";
  readonly allocator: Allocator;
  /** Settings for every process, which override the defaults. */
  readonly settings: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

export interface LoggedServer {
  readonly process: SallyportProcess;
  readonly log: LogBook;
}

export interface Cluster {
  readonly servers: readonly LoggedServer[];
  readonly targets: readonly Target[];
  readonly ways: readonly Way[];
  stop(): Promise<void>;
}

const host = "127.0.0.1";
const stopMs = 20_000;
const collector = new URL("./collector.js", import.meta.url);
const protocols = ["tcp", "websocket", "ragnarok"] as const;
/**
 * Whether attackers and direct bots can have other addresses than the gateway. Only Linux has enough
 * addresses for that (see `Sources`). On other systems the gateway does not tell servers the addresses of its
 * clients.
 */
const hasAddresses = process.platform === "linux";

/** Starts real processes on their own Redis and Postgres. `stop` removes everything. */
export function startCluster({ layout, allocator, settings, secrets }: ClusterOptions): Promise<Cluster> {
  return Rig.open({ name: "hostile", graceMs: stopMs }, async (rig) => {
    const redis = (await rig.startRedis()).url;
    const postgres = (await rig.startPostgres()).databaseUrl;
    // All ports are picked before a process starts, so that each process can be given the ports of the
    // others.
    const doors = {
      server: await freeDoorsOfTiers(...protocols),
      gateway: await freeDoorsOfTiers(...protocols),
    };
    const [login = 0, char = 0] = layout === "separate" ? await freePorts(2) : [];
    const linkPorts: Partial<Record<Tier, number>> = layout === "separate" ? { login, char } : {};
    const finds: Readonly<Record<string, string>> = { redis, postgres };
    const plan: ClusterPlan = {
      linkPassword: rig.linkPassword,
      loginServers: ["login"],
      find: (_, what) => finds[what] ?? `${host}:${linkPorts[what as Tier]}`,
      ...(hasAddresses ? { proxyFrom: host } : {}),
      settings: {
        ...allocatorEnvironment(allocator),
        ...(hasAddresses ? { LIMITS_EXEMPT: exemptNetworks.join() } : {}),
        ...settings,
      },
    };
    const ofTiers = tiers.map((tier) => {
      const told = tier === "login" ? {} : doors.gateway[tier];
      const planned = { tier, name: tier, doors: doors.server[tier], told, linkPort: linkPorts[tier] };
      return [tier, environmentOf(plan, planned)] as const;
    });
    const environments = [
      ...(layout === "separate"
        ? ofTiers
        : [["up", Object.assign({}, ...ofTiers.map(([, of]) => of))] as const]),
      [
        "gateway",
        {
          GATEWAY_SEND_PROXY: hasAddresses ? "yes" : "no",
          ...gatewayEnvironmentOf(plan, { name: "gateway", doors: doors.gateway }),
        },
      ] as const,
    ];
    const servers: LoggedServer[] = [];
    // The servers start one after another. The first one creates the tables, and each server needs the
    // servers that started before it.
    for (const [name, environment] of environments) {
      const log = new LogBook([...secrets, rig.linkPassword]);
      const process = await rig.startServer({
        name,
        environment,
        program: ["--expose-gc", `--import=${collector.href}`, builtCommand],
        hasChannel: true,
        heard: (line) => log.add(line),
      });
      servers.push({ process, log });
    }
    const targets: Target[] = [
      ...(["server", "gateway"] as const).flatMap((at) =>
        tiers.flatMap((tier) =>
          protocols.map((kind) => ({ at, tier, kind, host, port: doors[at][tier][kind] })),
        ),
      ),
      ...Object.entries(linkPorts).map(([tier, port]) => ({
        ...({ at: "server", kind: "link", host } as const),
        ...{ tier: tier as Tier, port },
      })),
    ];
    const past = (["char", "map"] as const).map((tier) => [doors.gateway[tier].tcp, doors.server[tier].tcp]);
    const ways: readonly Way[] = [
      { name: "direct", login: { host, port: doors.server.login.tcp }, instead: Object.fromEntries(past) },
      { name: "gateway", login: { host, port: doors.gateway.login.tcp }, instead: {} },
    ];
    return { servers, targets, ways, stop: () => rig.stop() };
  });
}
