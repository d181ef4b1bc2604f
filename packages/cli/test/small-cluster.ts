import type { Client } from "@sallyport/sdk";
import { type RunningRedis, startRedis, type TestDatabase, testDatabase } from "@sallyport/testkit";
import { clientAt } from "./player.ts";
import { ServerProcess } from "./server-process.ts";

type Settings = Readonly<Record<string, string>>;

interface Running {
  readonly login: ServerProcess;
  readonly char: ServerProcess;
  readonly map: ServerProcess;
  readonly client: Client;
}

/** A Redis and a Postgres of the test's own, and processes on them. */
export class SmallCluster {
  readonly redis: RunningRedis;
  readonly database: TestDatabase;
  readonly #started: ServerProcess[] = [];

  private constructor(redis: RunningRedis, database: TestDatabase) {
    this.redis = redis;
    this.database = database;
  }

  static async open(): Promise<SmallCluster> {
    return new SmallCluster(...(await Promise.all([startRedis(), testDatabase()])));
  }

  run(name: "login" | "char" | "map", settings: Settings = {}): ServerProcess {
    const server = new ServerProcess([name], {
      DATABASE_URL: this.database.url,
      REDIS_URL: this.redis.url,
      CHAR_SERVERS: "alpha:secret",
      CHAR_PASSWORD: "secret",
      LOGIN_PORT: "0",
      LOGIN_LINK_PORT: "0",
      CHAR_PORT: "0",
      CHAR_LINK_PORT: "0",
      MAP_PORT: "0",
      ADMIN_PORT: "0",
      ...settings,
    });
    this.#started.push(server);
    return server;
  }

  /** One of each, linked. */
  async start(settings: Settings = {}): Promise<Running> {
    const login = this.run("login", settings);
    const loginLink = `127.0.0.1:${await portAfter(login, "charServers")}`;
    const char = this.run("char", { LOGIN_LINK: loginLink, ...settings });
    const charLink = `127.0.0.1:${await portAfter(char, "mapServers")}`;
    const map = this.run("map", { CHAR_LINK: charLink, ...settings });
    await map.untilSays(/map-server ready/);
    return { login, char, map, client: clientAt(await portAfter(login, "clients")) };
  }

  async close(): Promise<void> {
    this.redis.resume();
    for (const server of this.#started.splice(0)) await server.kill();
    await Promise.all([this.redis.stop(), this.database.drop()]);
  }
}

/** As the log line of a process that is ready names it. */
export async function portAfter(server: ServerProcess, name: string): Promise<number> {
  const [, port] = await server.untilSays(
    new RegExp(`"${name}":\\{"host":"127\\.0\\.0\\.1","port":(\\d+)\\}`),
  );
  return Number(port);
}
