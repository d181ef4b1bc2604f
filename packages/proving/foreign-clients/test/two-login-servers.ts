import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, createClient } from "@sallyport/sdk";
import { tcpConnect } from "@sallyport/sdk/node";
import {
  query,
  type RunningRedis,
  SallyportProcess,
  startRedis,
  type TestDatabase,
  testDatabase,
} from "@sallyport/testkit";
import { type Place, type TokenAnswer, TokenClient } from "../src/index.ts";
import { patient } from "./patient.ts";

const host = "127.0.0.1";
const ports = ["clients", "token", "tokenHttp", "charServers"] as const;

/** A login-server with the ports that it opened. */
export class LoginProcess {
  readonly process: SallyportProcess;
  readonly port: { readonly [P in (typeof ports)[number]]: number };

  private constructor(process: SallyportProcess, port: LoginProcess["port"]) {
    this.process = process;
    this.port = port;
  }

  static async of(process: SallyportProcess): Promise<LoginProcess> {
    const [line = ""] = await process.untilSays(/.*"login-server ready".*/);
    const said = JSON.parse(line) as { readonly [P in (typeof ports)[number]]: Place };
    const [clients, token, tokenHttp, charServers] = ports.map((name) => said[name].port);
    return new LoginProcess(process, {
      ...{ clients: clients ?? 0, token: token ?? 0 },
      ...{ tokenHttp: tokenHttp ?? 0, charServers: charServers ?? 0 },
    });
  }

  /** One exchange at the token port. Null: no answer came. */
  async token(request: object, from?: string): Promise<TokenAnswer | null> {
    const client = await this.tokenClient(from);
    const answer = await client.asks({ type: "token", ...request });
    client.stream.destroy();
    return answer;
  }

  async tokenClient(from?: string): Promise<TokenClient> {
    return patient(await TokenClient.connect({ host, port: this.port.token }, from));
  }

  native(): Client {
    return createClient({ connect: tcpConnect, login: { host, port: this.port.clients } });
  }

  get keysUrl(): string {
    return `http://${host}:${this.port.tokenHttp}`;
  }

  async page(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`${this.keysUrl}${path}`, { ...init, signal: AbortSignal.timeout(10_000) });
  }
}

/** Two login-servers, the second with two workers, and a char-server, on a Redis and a Postgres of their own. */
export class TwoLoginServers {
  readonly database: TestDatabase;
  readonly #redis: RunningRedis;
  readonly #folder = mkdtempSync(join(tmpdir(), "sallyport-tokens-"));
  readonly #processes: SallyportProcess[] = [];
  logins!: readonly [LoginProcess, LoginProcess];

  private constructor(redis: RunningRedis, database: TestDatabase) {
    this.#redis = redis;
    this.database = database;
  }

  static async start(settings: Readonly<Record<string, string>>): Promise<TwoLoginServers> {
    const [redis, database] = await Promise.all([startRedis(), testDatabase()]);
    const servers = new TwoLoginServers(redis, database);
    const login = (name: string, ...options: readonly string[]): SallyportProcess =>
      servers.#run(["login", ...options], {
        ...{ LOGIN_SERVER_NAME: name, LOGIN_PORT: "0", LOGIN_LINK_PORT: "0" },
        ...{ TOKEN_PORT: "0", TOKEN_HTTP_PORT: "0", CHAR_SERVERS: "alpha:secret" },
        ...settings,
      });
    const [first, second] = [login("login-1"), login("login-2", "--workers", "2")];
    servers.logins = [await LoginProcess.of(first), await LoginProcess.of(second)];
    const links = servers.logins.map(({ port }) => `${host}:${port.charServers}`).join();
    const char = servers.#run(["char"], {
      ...{ CHAR_PORT: "0", CHAR_LINK_PORT: "0", CHAR_USERNAME: "alpha", CHAR_PASSWORD: "secret" },
      LOGIN_LINK: links,
    });
    await char.untilSays(/char-server ready/);
    return servers;
  }

  /** Everything that the servers have logged. */
  get output(): string {
    return this.#processes.map(({ output }) => output).join("");
  }

  /** Runs one SQL statement, as an operator does by hand. */
  async sql(text: string, values: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> {
    const { rows } = await query(this.database.url, text, [...values]);
    return rows as Record<string, unknown>[];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.kill()));
    await Promise.all([this.#redis.stop(), this.database.drop()]);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #run(args: readonly string[], settings: Readonly<Record<string, string>>): SallyportProcess {
    const process = new SallyportProcess({
      name: `sallyport ${args.join(" ")}`,
      args,
      environment: {
        ...{
          DATABASE_URL: this.database.url,
          REDIS_URL: this.#redis.url,
          LOG_LEVEL: "debug",
          ADMIN_PORT: "0",
        },
        ...settings,
      },
      folder: this.#folder,
    });
    this.#processes.push(process);
    process.spawn();
    return process;
  }
}
