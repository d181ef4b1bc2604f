import { join } from "node:path";
import { freePorts, type SallyportProcess } from "@sallyport/testkit";
import {
  type ClientPorts,
  type ClusterShape,
  charEnvironment,
  type Environment,
  gatewayEnvironment,
  loginEnvironment,
  mapEnvironment,
} from "../environment.ts";
import { Rig, type RigServer } from "../rig.ts";

export interface TopologyOptions {
  readonly mapServers: number;
  readonly loginServers: number;
  /** False: clients connect directly to the servers. */
  readonly gateway: boolean;
  /** Override the settings of the cluster, in every process. */
  readonly settings?: Environment;
  /** URLs of stores that already run. Absent: the topology starts its own. */
  readonly redisUrl?: string | undefined;
  readonly databaseUrl?: string | undefined;
  /** Like `stop_grace_period` of Compose. */
  readonly graceMs?: number;
  readonly tell?: (line: string) => void;
}

/**
 * The servers of `docker-compose.yml`, each as a process on free loopback ports, with real stores. `scale`
 * adds and removes map-servers, like `docker compose up --scale map=N`. `stop` leaves nothing behind.
 */
export class Topology {
  readonly #rig: Rig;
  readonly #options: TopologyOptions;
  readonly #shape: ClusterShape;
  readonly #logins: SallyportProcess[] = [];
  #entry: ClientPorts | null;
  #char: SallyportProcess | null = null;
  #gateway: SallyportProcess | null = null;
  #mapServers: SallyportProcess[] = [];

  private constructor(rig: Rig, options: TopologyOptions, shape: ClusterShape) {
    this.#rig = rig;
    this.#options = options;
    this.#shape = shape;
    this.#entry = shape.gateway?.login ?? null;
  }

  static async start(options: TopologyOptions): Promise<Topology> {
    const { settings = {}, tell = () => {}, graceMs = 120_000 } = options;
    return Rig.open({ name: "topology", graceMs }, async (rig) => {
      tell("starting Redis and Postgres");
      const topology = new Topology(rig, options, {
        redisUrl: options.redisUrl ?? (await rig.startRedis()).url,
        databaseUrl: options.databaseUrl ?? (await rig.startPostgres()).databaseUrl,
        linkPassword: rig.linkPassword,
        loginLinkPorts: await freePorts(options.loginServers),
        charLinkPort: await freePort(),
        gateway: options.gateway
          ? { login: await clientPorts(), char: await clientPorts(), map: await clientPorts() }
          : null,
        settings,
      });
      await topology.#start();
      return topology;
    });
  }

  /** It has the log of each server. */
  get folder(): string {
    return this.#rig.folder;
  }

  get redisUrl(): string {
    return this.#shape.redisUrl;
  }

  get databaseUrl(): string {
    return this.#shape.databaseUrl;
  }

  /** The ports of the login door, where clients start. */
  get entry(): ClientPorts {
    return present(this.#entry);
  }

  get char(): SallyportProcess {
    return present(this.#char);
  }

  get gateway(): SallyportProcess | null {
    return this.#gateway;
  }

  get mapServers(): readonly SallyportProcess[] {
    return this.#mapServers;
  }

  get servers(): readonly SallyportProcess[] {
    return [
      ...this.#logins,
      this.char,
      ...this.#mapServers,
      ...(this.#gateway === null ? [] : [this.#gateway]),
    ];
  }

  /**
   * Starts the missing map-servers. Or ends those with the highest numbers by SIGTERM, all at once like
   * Compose. Resolves when the new ones are ready or the others gone. Rejects if one did not end cleanly.
   */
  async scale(count: number): Promise<void> {
    const { tell = () => {} } = this.#options;
    while (this.#mapServers.length < count) {
      const server = await this.#addMapServer();
      tell(`starting ${server.name}`);
      await server.start();
    }
    const leaving = this.#mapServers.splice(count);
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

  /** Stops everything that it started, in the order in which nobody loses data. */
  stop(): Promise<void> {
    return this.#rig.stop();
  }

  /**
   * Starts the servers one after the other: the first one creates the tables, and each server needs the one
   * before it.
   */
  async #start(): Promise<void> {
    for (const nth of this.#shape.loginLinkPorts.keys()) {
      const ports = await clientPorts();
      this.#entry ??= ports;
      const environment = loginEnvironment(this.#shape, nth, ports);
      this.#logins.push(await this.startServer(`login-${nth + 1}`, "login", environment));
    }
    this.#char = await this.startServer("char", "char", charEnvironment(this.#shape, await clientPorts()));
    this.#rig.stopAlso(() => Promise.all(this.#mapServers.map((server) => server.stop())));
    await this.scale(this.#options.mapServers);
    const { gateway } = this.#shape;
    if (gateway === null) return;
    const environment = gatewayEnvironment({ ...this.#shape, gateway });
    this.#gateway = await this.startServer("gateway", "gateway", environment);
  }

  /** Starts one more server, which is none of `servers`. Resolves when it is ready. */
  startServer(name: string, command: string, environment: Environment): Promise<SallyportProcess> {
    this.#options.tell?.(`starting ${name}`);
    return this.#rig.startServer(this.#server(name, command, environment));
  }

  async #addMapServer(): Promise<SallyportProcess> {
    const name = `map-${this.#mapServers.length + 1}`;
    const environment = mapEnvironment(this.#shape, name, await clientPorts());
    const server = await this.#rig.newServer(this.#server(name, "map", environment));
    this.#mapServers.push(server);
    return server;
  }

  #server(name: string, command: string, environment: Environment): RigServer {
    return { name, args: [command], environment, logFile: join(this.folder, `${name}.log`) };
  }
}

const freePort = async (): Promise<number> => (await freePorts(1))[0] as number;

async function clientPorts(): Promise<ClientPorts> {
  return { native: await freePort(), ragnarok: await freePort() };
}

function present<T>(value: T | null): T {
  if (value === null) throw new Error("the topology has not started yet");
  return value;
}
