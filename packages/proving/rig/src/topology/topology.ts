import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePorts, type SallyportProcess } from "@sallyport/testkit";
import {
  type ClusterPlan,
  type Environment,
  environmentOf,
  freeDoors,
  freeDoorsOfTiers,
  frontEnvironmentOf,
  gatewayEnvironmentOf,
  type Tier,
} from "../cluster-plan.ts";
import type { Entrance } from "../players/player.ts";
import { frontProtocols, playerProtocols } from "../players/protocols.ts";
import { Rig, type RigServer } from "../rig.ts";

const host = "127.0.0.1";
/** Fronts connect from here, and other clients do not. Linux has this address. */
const frontAddress = "127.0.0.3";
const mapFolder = (name: string): string =>
  fileURLToPath(new URL(`../../../../map-world/${name}`, import.meta.url));
/** Slime clients need rooms, which the maps of the servers' default do not have. */
const withRooms: Environment = { MAPS_FOLDER: ["maps", "maps-slime"].map(mapFolder).join(delimiter) };
type ClientPorts = Readonly<Record<"tcp" | "ragnarok", number>>;
type FrontPorts = Readonly<Record<string, number>>;

export interface TopologyOptions {
  readonly mapServers: number;
  readonly loginServers: number;
  /** Whether clients connect through a gateway. If not, they connect directly to the servers. */
  readonly gateway: boolean;
  /** Number of fronts. The default is none. They go through the gateway, if there is one. */
  readonly fronts?: number;
  /** Settings of every process, which override those of the cluster. */
  readonly settings?: Environment;
  /** Settings of the server with this name, such as `map-1`, which override `settings`. */
  readonly settingsOf?: (server: string) => Environment;
  /** URLs of stores that already run. If absent, the topology starts its own stores. */
  readonly redisUrl?: string | undefined;
  readonly databaseUrl?: string | undefined;
  /** A server has this many milliseconds to stop, like with `stop_grace_period` of Compose. */
  readonly graceMs?: number;
  readonly tell?: (line: string) => void;
}

interface Made {
  readonly plan: ClusterPlan;
  readonly linkPorts: ReadonlyMap<string, number>;
  /** Null if clients connect directly to the servers. */
  readonly gatewayDoors: Readonly<Record<Tier, ClientPorts>> | null;
  readonly aSeries: ReadonlyMap<string, number>;
}

/**
 * The servers of `docker-compose.yml`, each as a process on free loopback ports, with real stores. `scale`
 * adds and removes map-servers, like `docker compose up --scale map=N`. `stop` leaves nothing behind.
 */
export class Topology {
  readonly #rig: Rig;
  readonly #options: TopologyOptions;
  readonly #made: Made;
  readonly #doors = new Map<string, ClientPorts>();
  readonly #fronts = new Map<string, FrontPorts>();
  readonly #servers = new Map<string, SallyportProcess>();

  private constructor(rig: Rig, options: TopologyOptions, made: Made) {
    this.#rig = rig;
    this.#options = options;
    this.#made = made;
  }

  static async start(options: TopologyOptions): Promise<Topology> {
    const { tell = () => {}, graceMs = 120_000 } = options;
    return Rig.open({ name: "topology", graceMs }, async (rig) => {
      tell("starting Redis and Postgres");
      const redis = options.redisUrl ?? (await rig.startRedis()).url;
      const postgres = options.databaseUrl ?? (await rig.startPostgres()).databaseUrl;
      const stores: Environment = { redis, postgres };
      const gatewayDoors = options.gateway ? await freeDoorsOfTiers("tcp", "ragnarok") : null;
      const loginServers = Array.from({ length: options.loginServers }, (_, nth) => `login-${nth + 1}`);
      const portsFor = async (names: readonly string[]) => {
        const ports = await freePorts(names.length);
        return new Map(names.map((name, nth) => [name, ports[nth] ?? 0]));
      };
      const linkPorts = await portsFor(["char", ...loginServers]);
      const aSeries = await portsFor(loginServers);
      const plan: ClusterPlan = {
        linkPassword: rig.linkPassword,
        loginServers,
        find: (_, what) => stores[what] ?? `${host}:${linkPorts.get(what)}`,
        ...proxyFrom(options),
        settings: { ...(options.fronts ? withRooms : {}), ...options.settings },
      };
      const topology = new Topology(rig, options, { plan, linkPorts, gatewayDoors, aSeries });
      await topology.#start();
      return topology;
    });
  }

  /** The folder with the log of each server. */
  get folder(): string {
    return this.#rig.folder;
  }

  get redisUrl(): string {
    return this.#made.plan.find("login-1", "redis");
  }

  get databaseUrl(): string {
    return this.#made.plan.find("login-1", "postgres");
  }

  /** The ports of the login door, where clients start. */
  get entry(): ClientPorts {
    return this.#made.gatewayDoors?.login ?? this.doorsOf("login-1");
  }

  /** Where clients of each protocol come in. A-series clients must not come from 127.0.0.1 if there is a gateway. */
  get entrances(): readonly Entrance[] {
    const { gatewayDoors, aSeries } = this.#made;
    const world = { host, port: (gatewayDoors?.char ?? this.doorsOf("char")).tcp };
    const entrance = gatewayDoors === null ? "login-1" : "gateway";
    const places: {
      readonly [door in Entrance["protocol"]["door"]]: readonly (readonly [string, number])[];
    } = {
      native: [[entrance, this.entry.tcp]],
      ragnarok: [[entrance, this.entry.ragnarok]],
      "a-series": [...aSeries],
      front: [],
    };
    return playerProtocols.flatMap((protocol) => {
      const own = [...this.#fronts].map(([name, ports]) => [name, ports[protocol.name] ?? 0] as const);
      return (protocol.door === "front" ? own : places[protocol.door]).map(([name, port]) => ({
        ...{ name, protocol, world, login: { host, port }, instead: {} },
      }));
    });
  }

  /** The ports on which the server itself listens for clients. */
  doorsOf(name: string): ClientPorts {
    return started(this.#doors.get(name));
  }

  get char(): SallyportProcess {
    return started(this.#servers.get("char"));
  }

  get mapServers(): readonly SallyportProcess[] {
    return this.servers.filter(({ name }) => name.startsWith("map-"));
  }

  /** The servers, in the order in which they start. */
  get servers(): readonly SallyportProcess[] {
    const rank = ({ name }: SallyportProcess): number =>
      name.startsWith("front-") ? 2 : Number(name === "gateway");
    return [...this.#servers.values()].sort((a, b) => rank(a) - rank(b));
  }

  /**
   * Starts missing map-servers, or stops the surplus ones, which have the highest numbers. The surplus ones
   * get SIGTERM at the same time, like with Compose. Resolves when the new map-servers are ready or the
   * surplus ones have ended. Rejects if one did not end cleanly.
   */
  async scale(count: number): Promise<void> {
    const { tell = () => {} } = this.#options;
    while (this.mapServers.length < count) {
      const name = `map-${this.mapServers.length + 1}`;
      const server = await this.#rig.newServer(await this.#planned("map", name));
      this.#servers.set(name, server);
      await server.start();
    }
    const leaving = this.mapServers.slice(count);
    for (const { name } of leaving) this.#servers.delete(name);
    const codes = await Promise.all(
      leaving.map(async (server) => {
        tell(`stopping ${server.name}`);
        return { name: server.name, code: await server.stop() };
      }),
    );
    const failed = codes.filter(({ code }) => code !== 0);
    if (failed.length > 0) {
      throw new Error(failed.map(({ name, code }) => `${name} ended with ${code}`).join(", "));
    }
  }

  /** Stops all processes of this topology, in an order in which no player loses data. */
  stop(): Promise<void> {
    return this.#rig.stop();
  }

  /**
   * Starts the servers one after another. The first one creates the tables, and each server needs the servers
   * that started before it.
   */
  async #start(): Promise<void> {
    const { plan, gatewayDoors: doors } = this.#made;
    const planned = [...plan.loginServers.map((name) => ["login", name] as const), ["char", "char"] as const];
    for (const [tier, name] of planned) {
      this.#servers.set(name, await this.#rig.startServer(await this.#planned(tier, name)));
    }
    this.#rig.stopAlso(() => Promise.all(this.mapServers.map((server) => server.stop())));
    await this.scale(this.#options.mapServers);
    const fronts = Array.from({ length: this.#options.fronts ?? 0 }, (_, nth) => `front-${nth + 1}`);
    if (doors !== null) {
      const front = fronts.length === 0 ? {} : { front: frontAddress };
      const environment = gatewayEnvironmentOf(plan, { name: "gateway", doors, ...front });
      const gateway = this.#server("gateway", "gateway", environment);
      this.#servers.set("gateway", await this.#rig.startServer(gateway));
    }
    for (const name of fronts) await this.#startFront(name);
  }

  async #startFront(name: string): Promise<void> {
    const free = await freePorts(frontProtocols.length);
    const ports = Object.fromEntries(frontProtocols.map((protocol, nth) => [protocol.name, free[nth] ?? 0]));
    this.#fronts.set(name, ports);
    const environment = frontEnvironmentOf(this.#made.plan, {
      ...{ gateway: host, login: `${host}:${this.entry.tcp}`, from: frontAddress, ports },
    });
    this.#servers.set(name, await this.#rig.startServer(this.#server(name, "front", environment)));
  }

  async #planned(tier: Tier, name: string): Promise<RigServer> {
    const own = await freeDoors("tcp", "ragnarok");
    this.#doors.set(name, own);
    const { plan, linkPorts, gatewayDoors, aSeries } = this.#made;
    const told = tier === "login" ? {} : (gatewayDoors?.[tier] ?? {});
    const port = aSeries.get(name);
    const doors = port === undefined ? own : { ...own, aSeries: port };
    const environment = environmentOf(plan, { tier, name, doors, told, linkPort: linkPorts.get(name) });
    return this.#server(name, tier, { ...environment, ...this.#options.settingsOf?.(name) });
  }

  #server(name: string, command: string, environment: Environment): RigServer {
    this.#options.tell?.(`starting ${name}`);
    return { name, args: [command], environment, logFile: join(this.folder, `${name}.log`) };
  }
}

/** Servers have a proxy before them: the gateway, or else the fronts. */
function proxyFrom({ gateway, fronts = 0 }: TopologyOptions) {
  if (gateway) return { proxyFrom: host };
  return fronts > 0 ? { proxyFrom: frontAddress } : {};
}

function started<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the topology has not started it yet");
  return value;
}
