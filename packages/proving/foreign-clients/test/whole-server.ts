import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { RagnarokClient } from "@sallyport/ragnarok-load";
import { createClient, type Game } from "@sallyport/sdk";
import { tcpConnect } from "@sallyport/sdk/node";
import { must, SallyportProcess } from "@sallyport/testkit";
import { ASeriesClient, ByteStream, ChatClient, LineClient, type Place, SlimeClient } from "../src/index.ts";

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
    const server = new SallyportProcess({
      name: "sallyport up",
      args: ["up"],
      environment: {
        ...{ LOGIN_PORT: "0", CHAR_PORT: "0", MAP_PORT: "0", CHAT_PORT: "0", LINE_PORT: "0" },
        ...{ A_SERIES_PORT: "0", SLIME_PORT: "0", MAPS_FOLDER: mapFolders },
        ...{ RAGNAROK_LOGIN_PORT: "0", RAGNAROK_CHAR_PORT: "0", RAGNAROK_MAP_PORT: "0" },
        ...{ RAGNAROK_REGISTRATION: "yes", LOG_LEVEL: "info", MAP_STEP_MS: "20", ...settings },
      },
      folder,
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

  /** Runs an operator's command against the server, which needs `ADMIN_PORT`. Resolves to its answer. */
  async command(...args: readonly string[]): Promise<unknown> {
    const [, port = ""] = await this.process.untilSays(/"admin":\{"host":"127\.0\.0\.1","port":(\d+)\}/);
    const run = new SallyportProcess({
      ...{ name: "sallyport", args: [...args, "--json"], folder: this.#folder },
      environment: { ADMIN_PORT: port },
    });
    run.spawn();
    await run.untilEnded();
    return JSON.parse(run.output) as unknown;
  }

  place(door: string): Place {
    return { host, port: this.ports[door] ?? 0 };
  }

  async chat(from?: string): Promise<ChatClient> {
    return this.#kept(await ChatClient.connect(this.place("chat"), from));
  }

  async aSeries(from?: string): Promise<ASeriesClient> {
    return this.#kept(await ASeriesClient.connect(this.place("aSeries"), from));
  }

  async line(from?: string): Promise<LineClient> {
    return this.#kept(await LineClient.connect(this.place("line"), from));
  }

  async slime(from?: string): Promise<SlimeClient> {
    return this.#kept(await SlimeClient.connect(this.place("slime"), from));
  }

  async raw(door: string): Promise<ByteStream> {
    const stream = await ByteStream.open(this.place(door));
    this.#clients.push(stream);
    return stream;
  }

  /** A native client that is in the world with a new account. */
  async native(name: string, password = "correct horse"): Promise<Game> {
    const client = createClient({ connect: tcpConnect, login: this.place("login") });
    await client.register({ name, password, sex: "female" });
    const [world] = must(await client.logIn({ name, password, way: "raw" })).worlds;
    if (world === undefined) throw new Error("no world");
    const select = must(await client.enterWorld(world));
    const { charId } = select.characters[0] ?? must(await select.create({ slot: 0, name }));
    const game = must(await select.choose(charId));
    this.#clients.push(game);
    return game;
  }

  /** A Ragnarok client that is in the world with the first character of an account. */
  async ragnarok(account: string, password: string): Promise<RagnarokClient> {
    const client = new RagnarokClient({ login: this.place("ragnarok"), account, password });
    this.#clients.push({ destroy: () => client.abort() });
    await client.login();
    await client.enterChar();
    await client.select(client.characters[0]?.slot ?? 0);
    await client.enterMap();
    await client.time();
    return client;
  }

  /** Ends the connections of all clients, so that the next test finds an empty world. */
  leaveAll(): void {
    for (const client of this.#clients.splice(0)) client.destroy();
  }

  async stop(): Promise<void> {
    this.leaveAll();
    await this.process.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #kept<C extends Client>(client: C): C {
    this.#clients.push(client.stream);
    return client;
  }
}
