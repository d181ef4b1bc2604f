import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { RagnarokClient } from "@sallyport/ragnarok-load";
import { createClient, type Game } from "@sallyport/sdk";
import { tcpConnect } from "@sallyport/sdk/node";
import { freePorts, must, SallyportProcess, until } from "@sallyport/testkit";
import { ASeriesClient, ByteStream, ChatClient, LineClient, type Place, SlimeClient } from "../src/index.ts";
import { patient } from "./patient.ts";

const host = "127.0.0.1";
const mapFolders = ["maps", "maps-slime"]
  .map((folder) => fileURLToPath(new URL(`../../../map-world/${folder}`, import.meta.url)))
  .join(delimiter);
type Client = { readonly stream: ByteStream };

/** All servers and a front in one process, as `npm start` runs them, with the sample maps. */
export class WholeServer {
  readonly process: SallyportProcess;
  readonly #clients: { destroy(): void }[] = [];
  readonly #folder: string;
  ports: { readonly [door: string]: number } = {};

  private constructor(process: SallyportProcess, folder: string) {
    this.process = process;
    this.#folder = folder;
  }

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<WholeServer> {
    const folder = mkdtempSync(join(tmpdir(), "sallyport-front-"));
    const [adminPort = 0] = await freePorts(1);
    const server = new SallyportProcess({
      name: "sallyport up",
      args: ["up"],
      environment: {
        ...{ LOGIN_PORT: "0", CHAR_PORT: "0", MAP_PORT: "0", CHAT_PORT: "0", LINE_PORT: "0" },
        ...{ A_SERIES_PORT: "0", SLIME_PORT: "0", MAPS_FOLDER: mapFolders },
        // A test lets a client be slow while others are served.
        LOGIN_FIRST_COMMAND_MS: "60000",
        ...{ RAGNAROK_LOGIN_PORT: "0", RAGNAROK_CHAR_PORT: "0", RAGNAROK_MAP_PORT: "0" },
        ...{ RAGNAROK_REGISTRATION: "yes", LOG_LEVEL: "info", MAP_STEP_MS: "20", ...settings },
      },
      ...{ folder, adminPort },
    });
    const whole = new WholeServer(server, folder);
    server.spawn();
    await server.untilSays(/Sallyport is up/);
    const [, login, char, map] = await server.untilSays(
      /login [\d.]+:(\d+) +char [\d.]+:(\d+) +map [\d.]+:(\d+)/,
    );
    const [, ragnarok] = await server.untilSays(/for Ragnarok clients, login [\d.]+:(\d+)/);
    const [, aSeries] = await server.untilSays(/for A-series clients, login [\d.]+:(\d+)/);
    const [, chat] = await server.untilSays(/chat protocol: +[\d.]+:(\d+)/);
    const [, line] = await server.untilSays(/line protocol: +[\d.]+:(\d+)/);
    const [, slime] = await server.untilSays(/slime protocol: +[\d.]+:(\d+)/);
    const named = Object.entries({ login, char, map, ragnarok, aSeries, chat, line, slime });
    whole.ports = Object.fromEntries(named.map(([name, port]) => [name, Number(port)]));
    return whole;
  }

  /** Runs an operator's command against the server. Resolves to its answer. */
  async command(...args: readonly string[]): Promise<unknown> {
    const run = new SallyportProcess({
      ...{ name: "sallyport", args: [...args, "--json"], folder: this.#folder },
      environment: { ADMIN_PORT: new URL(this.process.adminUrl).port },
    });
    run.spawn();
    await run.untilEnded();
    return JSON.parse(run.output) as unknown;
  }

  place(door: string): Place {
    return { host, port: this.ports[door] ?? 0 };
  }

  async chat(from?: string): Promise<ChatClient> {
    return this.#kept(patient(await ChatClient.connect(this.place("chat"), from)));
  }

  async aSeries(from?: string): Promise<ASeriesClient> {
    return this.#kept(patient(await ASeriesClient.connect(this.place("aSeries"), from)));
  }

  async line(from?: string): Promise<LineClient> {
    return this.#kept(await LineClient.connect(this.place("line"), from));
  }

  async slime(from?: string): Promise<SlimeClient> {
    return this.#kept(await SlimeClient.connect(this.place("slime"), from));
  }

  async raw(door: string): Promise<ByteStream> {
    return this.keep(await ByteStream.open(this.place(door)));
  }

  /** A native client that is in the world with a new account. */
  async native(name: string, password = "correct horse"): Promise<Game> {
    const client = createClient({ connect: tcpConnect, login: this.place("login") });
    await client.register({ name, password, sex: "female" });
    const [world] = must(await client.logIn({ name, password, way: "raw" })).worlds;
    if (world === undefined) throw new Error("no world");
    const select = must(await client.enterWorld(world));
    const { charId } = select.characters[0] ?? must(await select.create({ slot: 0, name }));
    return this.keep(must(await select.choose(charId)));
  }

  /** The client will leave with all others. */
  keep<C extends { destroy(): void }>(client: C): C {
    this.#clients.push(client);
    return client;
  }

  /** A Ragnarok client that is in the world with the first character of an account. */
  async ragnarok(account: string, password: string): Promise<RagnarokClient> {
    const client = new RagnarokClient({ login: this.place("ragnarok"), account, password });
    this.keep({ destroy: () => client.abort() });
    await client.login();
    await client.enterChar();
    await client.select(client.characters[0]?.slot ?? 0);
    await client.enterMap();
    await client.time();
    return client;
  }

  /** Ends the connections of all clients. Resolves when the server has noticed, and the world is empty. */
  async leaveAll(): Promise<void> {
    this.#disconnectAll();
    const isEmpty = async (): Promise<boolean> => {
      const metrics = await this.process.metrics();
      return metrics.value("sallyport_clients") + metrics.value("sallyport_players") === 0;
    };
    await until(async () => !this.process.isRunning || (await isEmpty()), { what: "all have left" });
  }

  #disconnectAll(): void {
    for (const client of this.#clients.splice(0)) client.destroy();
  }

  async stop(): Promise<void> {
    this.#disconnectAll();
    await this.process.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #kept<C extends Client>(client: C): C {
    this.keep(client.stream);
    return client;
  }
}
