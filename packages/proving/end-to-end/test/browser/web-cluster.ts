import {
  type Running,
  readChar,
  readLogin,
  readMap,
  runChar,
  runLogin,
  runMap,
  type Shell,
} from "@sallyport/cli";
import { systemClock } from "@sallyport/clock";
import { type Environment, type Log } from "@sallyport/server-kit";
import { type TestDatabase, testDatabase, testHost, until } from "@sallyport/testkit";
import { heardLog } from "../../../../server-kit/test/heard-log.ts";

interface Ready {
  readonly msg: string;
  readonly webSocket?: { readonly port: number };
  readonly charServers?: { readonly port: number };
  readonly mapServers?: { readonly port: number };
}

/**
 * Runs the three servers in this process. As in processes of their own, they use sockets, and their doors are
 * open over WebSocket.
 */
export class WebCluster {
  readonly loginUrl: string;
  readonly #running: readonly Running[];
  readonly #database: TestDatabase;
  readonly #bugs: readonly unknown[];

  private constructor(loginUrl: string, running: Running[], database: TestDatabase, bugs: unknown[]) {
    this.loginUrl = loginUrl;
    this.#running = running;
    this.#database = database;
    this.#bugs = bugs;
  }

  static async start(environment: Environment = {}): Promise<WebCluster> {
    const database = await testDatabase();
    const bugs: unknown[] = [];
    const { log, lines } = heardLog();
    const all = {
      DATABASE_URL: database.url,
      CHAR_SERVERS: "alpha:secret",
      CHAR_PASSWORD: "secret",
      ...{ LOGIN_PORT: "0", LOGIN_WS_PORT: "0", LOGIN_LINK_PORT: "0" },
      ...{ CHAR_PORT: "0", CHAR_WS_PORT: "0", CHAR_LINK_PORT: "0" },
      ...{ MAP_PORT: "0", MAP_WS_PORT: "0", MAP_STEP_MS: "20" },
      ...environment,
    };
    const ready = (server: string) =>
      until(() => lines.find(({ msg }) => msg === `${server} ready`) as Ready | undefined, {
        what: `${server} is ready`,
      });
    const shell = shellWith(log, bugs);
    const login = await runLogin(shell, await readLogin(all));
    const loggedIn = await ready("login-server");
    const LOGIN_LINK = `127.0.0.1:${loggedIn.charServers?.port}`;
    const char = await runChar(shell, await readChar({ ...all, LOGIN_LINK }));
    const CHAR_LINK = `127.0.0.1:${(await ready("char-server")).mapServers?.port}`;
    const map = await runMap(shell, await readMap({ ...all, CHAR_LINK }));
    await ready("map-server");
    const scheme = environment["TLS_CERT"] === undefined ? "ws" : "wss";
    const loginUrl = `${scheme}://127.0.0.1:${loggedIn.webSocket?.port}`;
    return new WebCluster(loginUrl, [map, char, login], database, bugs);
  }

  async stop(): Promise<void> {
    for (const server of this.#running) await server.stop("for-good");
    await this.#database.drop();
    if (this.#bugs.length > 0) throw new AggregateError(this.#bugs, "servers reported bugs");
  }
}

const shellWith = (log: Log, bugs: unknown[]): Shell =>
  testHost({ clock: systemClock, random: Math.random, log, failed: (error) => void bugs.push(error) });
