import type { Client } from "@sallyport/sdk";
import { freePorts, type SallyportProcess } from "@sallyport/testkit";
import { clientAt } from "./player.ts";
import { startProcess } from "./server-process.ts";

export type Settings = Readonly<Record<string, string>>;
type Server = "login" | "char" | "map" | "gateway" | "front";

/** These settings give every door and link a free port, and all links one password. */
const linked: Settings = {
  CHAR_SERVERS: "alpha:secret",
  CHAR_PASSWORD: "secret",
  LOGIN_PORT: "0",
  LOGIN_LINK_PORT: "0",
  CHAR_PORT: "0",
  CHAR_LINK_PORT: "0",
  MAP_PORT: "0",
};

export interface StartedCluster {
  readonly login: SallyportProcess;
  readonly char: SallyportProcess;
  readonly map: SallyportProcess;
  readonly client: Client;
  newClient(): Client;
  /** Starts a new process of this server in the same folder. */
  again(name: Server): SallyportProcess;
}

/** Runs server processes. `kill` ends all of them. */
export class StartedServers {
  readonly #started: SallyportProcess[] = [];
  readonly #shared: () => Settings;

  /**
   * `shared` returns the settings that all servers of a test share. It is called for each server that starts.
   */
  constructor(shared: () => Settings) {
    this.#shared = shared;
  }

  run(name: Server, settings: Settings = {}, args: readonly string[] = []): SallyportProcess {
    const server = startProcess([name, ...args], { ...linked, ...this.#shared(), ...settings });
    this.#started.push(server);
    return server;
  }

  /** Starts one server of each kind and waits until they are linked. */
  async start(settings: Settings = {}): Promise<StartedCluster> {
    const { login, char, all } = await this.world(settings);
    const map = this.run("map", all);
    await map.untilSays(/map-server ready/);
    const newClient = (): Client => clientAt(Number(all["LOGIN_PORT"]));
    return {
      login,
      char,
      map,
      client: newClient(),
      newClient,
      again: (name) => this.run(name, all),
    };
  }

  /**
   * Starts a world without a map-server. `all` has the settings for every server, including servers that
   * start after this call.
   */
  async world(settings: Settings = {}) {
    // A server that comes back has the same ports, so no other program may take them while it is down.
    const ports = (await freePorts(4)).map(String);
    const [LOGIN_PORT = "", LOGIN_LINK_PORT = "", CHAR_PORT = "", CHAR_LINK_PORT = ""] = ports;
    const all: Settings = {
      ...{ LOGIN_PORT, LOGIN_LINK_PORT, CHAR_PORT, CHAR_LINK_PORT },
      LOGIN_LINK: `127.0.0.1:${LOGIN_LINK_PORT}`,
      CHAR_LINK: `127.0.0.1:${CHAR_LINK_PORT}`,
      ...settings,
    };
    const login = this.run("login", all);
    await portAfter(login, "charServers");
    const char = this.run("char", all);
    await portAfter(char, "clients");
    return { login, char, all };
  }

  async kill(): Promise<void> {
    for (const server of this.#started.splice(0)) await server.kill();
  }
}

/** Finds the port with this name in the log of the server. */
export async function portAfter(server: SallyportProcess, name: string): Promise<number> {
  const said = new RegExp(`"${name}":\\{"host":"127\\.0\\.0\\.1","port":(\\d+)\\}`);
  return Number((await server.untilSays(said))[1]);
}
