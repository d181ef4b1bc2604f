import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts, startPostgres, startRedis } from "@sallyport/testkit";
import { ServerProcess } from "./server-process.ts";

export interface TopologyOptions {
  readonly mapServers: number;
  /** Settings on top of those that make it a cluster, for every process. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Those that run already are used instead of own ones. */
  readonly redisUrl?: string | undefined;
  readonly databaseUrl?: string | undefined;
  /** As Compose's `stop_grace_period`. */
  readonly graceMs?: number;
  readonly tell?: (line: string) => void;
}

const host = "127.0.0.1";

/**
 * The servers of `docker-compose.yml`, each a process of its own on free loopback ports, on real stores. Map-servers are
 * added and taken away by number, as `docker compose up --scale map=N` does. Nothing of it is left after `stop`.
 */
export class Topology {
  readonly folder: string;
  readonly databaseUrl: string;
  readonly loginPort: number;
  readonly ragnarokLoginPort: number;
  readonly login: ServerProcess;
  readonly char: ServerProcess;
  readonly #mapEnvironment: Readonly<Record<string, string>>;
  readonly #options: TopologyOptions;
  readonly #stops: (() => Promise<unknown>)[];
  #mapServers: ServerProcess[] = [];

  private constructor(made: {
    options: TopologyOptions;
    folder: string;
    stops: (() => Promise<unknown>)[];
    databaseUrl: string;
    login: ServerProcess;
    char: ServerProcess;
    ports: { readonly login: number; readonly ragnarokLogin: number };
    mapEnvironment: Readonly<Record<string, string>>;
  }) {
    this.#options = made.options;
    this.#stops = made.stops;
    this.#mapEnvironment = made.mapEnvironment;
    this.folder = made.folder;
    this.databaseUrl = made.databaseUrl;
    this.login = made.login;
    this.char = made.char;
    this.loginPort = made.ports.login;
    this.ragnarokLoginPort = made.ports.ragnarokLogin;
  }

  static async start(options: TopologyOptions): Promise<Topology> {
    const { settings = {}, tell = () => {} } = options;
    const folder = mkdtempSync(join(tmpdir(), "sallyport-topology-"));
    const stops: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
    try {
      tell("starting Redis and Postgres");
      const redisUrl = options.redisUrl ?? (await ownRedis(stops));
      const databaseUrl = options.databaseUrl ?? (await ownDatabase(stops));
      const [
        loginPort,
        linkPort,
        loginAdmin,
        charPort,
        charLinkPort,
        charAdmin,
        ragnarokLogin,
        ragnarokChar,
      ] = (await freePorts(8)) as [number, number, number, number, number, number, number, number];
      const linkPassword = randomBytes(24).toString("hex");
      const ofAll = { LOG_LEVEL: "info", CHAR_PASSWORD: linkPassword };
      const stores = { REDIS_URL: redisUrl, DATABASE_URL: databaseUrl };
      const login = new ServerProcess({
        name: "login",
        command: ["login"],
        environment: {
          ...ofAll,
          ...stores,
          LOGIN_PORT: String(loginPort),
          LOGIN_LINK_PORT: String(linkPort),
          RAGNAROK_LOGIN_PORT: String(ragnarokLogin),
          CHAR_SERVERS: `alpha:${linkPassword}`,
          ...settings,
        },
        adminPort: loginAdmin,
        folder,
      });
      const char = new ServerProcess({
        name: "char",
        command: ["char"],
        environment: {
          ...ofAll,
          ...stores,
          CHAR_PORT: String(charPort),
          CHAR_LINK_PORT: String(charLinkPort),
          RAGNAROK_CHAR_PORT: String(ragnarokChar),
          LOGIN_LINK: `${host}:${linkPort}`,
          ...settings,
        },
        adminPort: charAdmin,
        folder,
      });
      const mapEnvironment = { ...ofAll, CHAR_LINK: `${host}:${charLinkPort}`, ...settings };
      const topology = new Topology({
        options,
        folder,
        stops,
        databaseUrl,
        login,
        char,
        ports: { login: loginPort, ragnarokLogin },
        mapEnvironment,
      });
      // One after the other: whoever is first makes the tables, and a server waits for the one before it.
      for (const server of [login, char]) {
        tell(`starting ${server.name}`);
        stops.push(() => server.stop(topology.#graceMs));
        await server.start();
      }
      stops.push(() => Promise.all(topology.#mapServers.map((server) => server.stop(topology.#graceMs))));
      await topology.scale(options.mapServers);
      return topology;
    } catch (error) {
      await stopAll(stops);
      throw error;
    }
  }

  get mapServers(): readonly ServerProcess[] {
    return this.#mapServers;
  }

  get #graceMs(): number {
    return this.#options.graceMs ?? 120_000;
  }

  /**
   * Starts as many more as are missing, or ends those with the highest numbers by SIGTERM, all at once as Compose does.
   * Resolves once the new ones are ready or the others gone, and rejects where one of these did not end well.
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

  /** All but what it was given by URL, in the order in which nobody loses anything. */
  stop(): Promise<void> {
    return stopAll(this.#stops);
  }

  async #addMapServer(): Promise<ServerProcess> {
    const name = `map-${this.#mapServers.length + 1}`;
    const [port, ragnarokPort, adminPort] = (await freePorts(3)) as [number, number, number];
    const server = new ServerProcess({
      name,
      command: ["map"],
      environment: {
        ...this.#mapEnvironment,
        MAP_SERVER_NAME: name,
        MAP_PORT: String(port),
        RAGNAROK_MAP_PORT: String(ragnarokPort),
      },
      adminPort,
      folder: this.folder,
    });
    this.#mapServers.push(server);
    return server;
  }
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

/** The last started first. What fails does not keep the others from being stopped. */
async function stopAll(stops: (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const stop of stops.splice(0).reverse()) {
    await stop().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}
