import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts, startPostgres, startRedis } from "@sallyport/testkit";
import {
  type ClientPorts,
  type ClusterShape,
  charEnvironment,
  type Environment,
  gatewayEnvironment,
  loginEnvironment,
  mapEnvironment,
} from "./environments.ts";
import { ServerProcess } from "./server-process.ts";

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

type Command = "login" | "char" | "map" | "gateway";

/**
 * The servers of `docker-compose.yml`, each as a process on free loopback ports, with real stores. `scale`
 * adds and removes map-servers, like `docker compose up --scale map=N`. `stop` leaves nothing behind.
 */
export class Topology {
  readonly folder: string;
  readonly #options: TopologyOptions;
  readonly #stops: (() => Promise<unknown>)[];
  readonly #shape: ClusterShape;
  readonly #logins: ServerProcess[] = [];
  #entry: ClientPorts | null;
  #char: ServerProcess | null = null;
  #gateway: ServerProcess | null = null;
  #mapServers: ServerProcess[] = [];

  private constructor(
    options: TopologyOptions,
    made: {
      readonly folder: string;
      readonly stops: (() => Promise<unknown>)[];
      readonly shape: ClusterShape;
    },
  ) {
    this.#options = options;
    this.folder = made.folder;
    this.#stops = made.stops;
    this.#shape = made.shape;
    this.#entry = made.shape.gateway?.login ?? null;
  }

  static async start(options: TopologyOptions): Promise<Topology> {
    const { settings = {}, tell = () => {} } = options;
    const folder = mkdtempSync(join(tmpdir(), "sallyport-topology-"));
    const stops: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
    try {
      tell("starting Redis and Postgres");
      const shape: ClusterShape = {
        redisUrl: options.redisUrl ?? (await ownRedis(stops)),
        databaseUrl: options.databaseUrl ?? (await ownDatabase(stops)),
        linkPassword: randomBytes(24).toString("hex"),
        loginLinkPorts: await freePorts(options.loginServers),
        charLinkPort: await freePort(),
        gateway: options.gateway
          ? { login: await clientPorts(), char: await clientPorts(), map: await clientPorts() }
          : null,
        settings,
      };
      const topology = new Topology(options, { folder, stops, shape });
      await topology.#start();
      return topology;
    } catch (error) {
      await stopAll(stops);
      throw error;
    }
  }

  get databaseUrl(): string {
    return this.#shape.databaseUrl;
  }

  /** The ports of the login door, where clients start. */
  get entry(): ClientPorts {
    return present(this.#entry);
  }

  get char(): ServerProcess {
    return present(this.#char);
  }

  get gateway(): ServerProcess | null {
    return this.#gateway;
  }

  get mapServers(): readonly ServerProcess[] {
    return this.#mapServers;
  }

  get servers(): readonly ServerProcess[] {
    return [
      ...this.#logins,
      this.char,
      ...this.#mapServers,
      ...(this.#gateway === null ? [] : [this.#gateway]),
    ];
  }

  get #graceMs(): number {
    return this.#options.graceMs ?? 120_000;
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
        return { name: server.name, code: await server.stop(this.#graceMs) };
      }),
    );
    const failed = codes.filter(({ code }) => code !== 0);
    if (failed.length > 0) {
      throw new Error(failed.map(({ name, code }) => `${name} ended with ${code}`).join(", "));
    }
  }

  /** Stops everything that it started, in the order in which nobody loses data. */
  stop(): Promise<void> {
    return stopAll(this.#stops);
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
      this.#logins.push(await this.#startServer(`login-${nth + 1}`, "login", environment));
    }
    this.#char = await this.#startServer("char", "char", charEnvironment(this.#shape, await clientPorts()));
    this.#stops.push(() => Promise.all(this.#mapServers.map((server) => server.stop(this.#graceMs))));
    await this.scale(this.#options.mapServers);
    const { gateway } = this.#shape;
    if (gateway === null) return;
    const environment = gatewayEnvironment({ ...this.#shape, gateway });
    this.#gateway = await this.#startServer("gateway", "gateway", environment);
  }

  async #startServer(name: string, command: Command, environment: Environment): Promise<ServerProcess> {
    this.#options.tell?.(`starting ${name}`);
    const server = await this.#server(name, command, environment);
    this.#stops.push(() => server.stop(this.#graceMs));
    await server.start();
    return server;
  }

  async #addMapServer(): Promise<ServerProcess> {
    const name = `map-${this.#mapServers.length + 1}`;
    const server = await this.#server(name, "map", mapEnvironment(this.#shape, name, await clientPorts()));
    this.#mapServers.push(server);
    return server;
  }

  async #server(name: string, command: Command, environment: Environment): Promise<ServerProcess> {
    const { folder } = this;
    return new ServerProcess({ name, command: [command], environment, adminPort: await freePort(), folder });
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

async function ownRedis(stops: (() => Promise<unknown>)[]): Promise<string> {
  const redis = await startRedis();
  stops.push(redis.stop);
  return redis.url;
}

async function ownDatabase(stops: (() => Promise<unknown>)[]): Promise<string> {
  const postgres = await startPostgres();
  stops.push(postgres.stop);
  return (await postgres.createDatabase()).url;
}

/** Stops in reverse order. A failure does not prevent the other stops. */
async function stopAll(stops: (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const stop of stops.splice(0).reverse()) {
    await stop().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}
