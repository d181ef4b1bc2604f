import {
  type ClusterPlan,
  environmentOf,
  freeDoors,
  freeDoorsOfTiers,
  gatewayEnvironmentOf,
  Rig,
  type Tier,
  tiers,
} from "@sallyport/rig";
import { builtCommand, freePorts, type SallyportProcess } from "@sallyport/testkit";
import type { Target } from "../attack/attack.ts";
import { exemptNetworks } from "../attack/attacks.ts";
import { hasAddresses } from "../attack/sources.ts";
import type { Way } from "../way.ts";
import { type Allocator, allocatorEnvironment } from "./allocator.ts";
import { LogBook } from "./log-book.ts";
import { freeOtherPorts, type OpenPort, settingsOf } from "./other-ports.ts";

export interface ClusterOptions {
  /**
   * `separate`: each server has its own process. `up`: all of them share one process, except for the gateway, which
   * always has its own.
   */
  readonly layout: "separate" | "up";
  /** In the layout `up` there is one. */
  readonly loginServers: number;
  readonly allocator: Allocator;
  /** Settings for every process, which override the defaults. */
  readonly settings: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

interface Address {
  readonly host: string;
  readonly port: number;
}

export interface LoggedServer {
  readonly process: SallyportProcess;
  readonly log: LogBook;
}

export interface Cluster {
  readonly servers: readonly LoggedServer[];
  readonly targets: readonly Target[];
  readonly ways: readonly Way[];
  /** The ports of the front. */
  readonly front: { readonly chat: Address; readonly line: Address };
  stop(): Promise<void>;
}

const host = "127.0.0.1";
const stopMs = 20_000;
const collector = new URL("./collector.js", import.meta.url);
const protocols = ["tcp", "websocket", "ragnarok"] as const;

/** Starts real processes on their own Redis and Postgres. `stop` removes everything. */
export function startCluster({
  layout,
  loginServers,
  allocator,
  settings,
  secrets,
}: ClusterOptions): Promise<Cluster> {
  return Rig.open({ name: "hostile", graceMs: stopMs }, async (rig) => {
    const redis = (await rig.startRedis()).url;
    const postgres = (await rig.startPostgres()).databaseUrl;
    // All ports are picked before a process starts, so that each process can be given the ports of the
    // others.
    const further = layout === "separate" ? loginServers - 1 : 0;
    const logins = ["login", ...Array.from({ length: further }, (_, nth) => `login-${nth + 2}`)];
    const names: readonly (readonly [name: string, tier: Tier])[] = [
      ...logins.map((name) => [name, "login"] as const),
      ...(["char", "map"] as const).map((tier) => [tier, tier] as const),
    ];
    const gatewayDoors = await freeDoorsOfTiers(...protocols);
    const doors = new Map(
      await Promise.all(names.map(async ([name]) => [name, await freeDoors(...protocols)] as const)),
    );
    const doorsOf = (name: string) => doors.get(name) as Record<(typeof protocols)[number], number>;
    const others = new Map<string, readonly OpenPort[]>();
    for (const name of logins) others.set(name, await freeOtherPorts("login"));
    for (const name of ["gateway", "front", "resource"] as const)
      others.set(name, await freeOtherPorts(name));
    const otherSettings = (name: string) => settingsOf(others.get(name) ?? []);
    const portOf = (name: string, kind: Target["kind"]): number =>
      others.get(name)?.find((each) => each.kind === kind)?.port ?? 0;
    const linked = layout === "separate" ? [...logins, "char"] : [];
    const ports = await freePorts(linked.length);
    const linkPorts = new Map(linked.map((name, nth) => [name, ports[nth] ?? 0]));
    const finds: Readonly<Record<string, string>> = { redis, postgres };
    const plan: ClusterPlan = {
      linkPassword: rig.linkPassword,
      loginServers: logins,
      find: (_, what) => finds[what] ?? `${host}:${linkPorts.get(what)}`,
      ...(hasAddresses ? { proxyFrom: host } : {}),
      settings: {
        ...allocatorEnvironment(allocator),
        ...(hasAddresses ? { LIMITS_EXEMPT: exemptNetworks.join() } : {}),
        ...settings,
      },
    };
    const ofServers = names.map(([name, tier]) => {
      const told = tier === "login" ? {} : gatewayDoors[tier];
      const planned = { tier, name, doors: doorsOf(name), told, linkPort: linkPorts.get(name) };
      return [name, tier, { ...environmentOf(plan, planned), ...otherSettings(name) }] as const;
    });
    const frontSettings = {
      LOG_LEVEL: "info",
      FRONT_LOGIN: `tcp://${host}:${doorsOf("login").tcp}`,
      FRONT_SEND_PROXY: hasAddresses ? "yes" : "no",
      ...plan.settings,
      ...otherSettings("front"),
    };
    const resourceEnvironment = {
      ...{ LOG_LEVEL: "info", DATABASE_URL: postgres },
      TOKEN_KEYS_URL: `http://${host}:${portOf("login", "keys-http")}`,
      ...plan.settings,
      ...otherSettings("resource"),
    };
    const together = [otherSettings("front"), otherSettings("resource"), ...ofServers.map(([, , of]) => of)];
    const environments = [
      ...(layout === "separate" ? ofServers : [["up", "up", Object.assign({}, ...together)] as const]),
      [
        "gateway",
        "gateway",
        {
          GATEWAY_SEND_PROXY: hasAddresses ? "yes" : "no",
          ...gatewayEnvironmentOf(plan, {
            ...{ name: "gateway", doors: gatewayDoors },
            ...(hasAddresses ? { front: host } : {}),
          }),
          ...otherSettings("gateway"),
        },
      ] as const,
      ...(layout === "separate"
        ? [["front", "front", frontSettings] as const, ["resource", "resource", resourceEnvironment] as const]
        : []),
    ];
    const servers: LoggedServer[] = [];
    // The servers start one after another. The first one creates the tables, and each server needs the
    // servers that started before it.
    for (const [name, command, environment] of environments) {
      const log = new LogBook([...secrets, rig.linkPassword]);
      const process = await rig.startServer({
        name,
        args: [command],
        environment,
        // V8 would enlarge its young generation to this when much is going on.
        program: ["--min-semi-space-size=16", "--expose-gc", `--import=${collector.href}`, builtCommand],
        hasChannel: true,
        heard: (line) => log.add(line),
      });
      servers.push({ process, log });
    }
    const atDoors = (
      at: Target["at"],
      server: string,
      tier: Tier,
      of: ReturnType<typeof doorsOf>,
    ): Target[] => protocols.map((kind) => ({ at, server, tier, kind, host, port: of[kind] }));
    const targets: Target[] = [
      ...names.flatMap(([name, tier]) => atDoors("server", name, tier, doorsOf(name))),
      ...tiers.flatMap((tier) => atDoors("gateway", "gateway", tier, gatewayDoors[tier])),
      ...[...others].flatMap(([server, ports]) =>
        ports.map(({ of, kind, tier, port }): Target => {
          const at = of === "gateway" ? "gateway" : "server";
          return { at, server, tier, kind, host, port };
        }),
      ),
      ...names.flatMap(([server, tier]): Target[] => {
        const port = linkPorts.get(server);
        return port === undefined ? [] : [{ at: "server", server, tier, kind: "link", host, port }];
      }),
    ];
    const past = (["char", "map"] as const).map((tier) => [gatewayDoors[tier].tcp, doorsOf(tier).tcp]);
    const ways: readonly Way[] = [
      {
        name: "direct",
        login: { host, port: doorsOf("login").tcp },
        instead: Object.fromEntries(past),
      },
      { name: "gateway", login: { host, port: gatewayDoors.login.tcp }, instead: {} },
    ];
    const frontPort = (kind: Target["kind"]): Address => ({ host, port: portOf("front", kind) });
    const front = { chat: frontPort("chat"), line: frontPort("line") };
    return { servers, targets, ways, front, stop: () => rig.stop() };
  });
}
