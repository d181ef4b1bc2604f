import { query, type TestDatabase, testDatabase, until } from "@sallyport/testkit";
import { readPlayer, type SlimeAccount, SlimeClient, type SlimePlayer, u16 } from "../src/index.ts";
import { WholeServer } from "./whole-server.ts";

export const password = "secret1";

export interface Playing {
  readonly client: SlimeClient;
  readonly account: SlimeAccount;
}

/** A whole server with the sample world, and slime clients of it. */
export class SlimeServer {
  readonly server: WholeServer;
  readonly database: TestDatabase;

  private constructor(server: WholeServer, database: TestDatabase) {
    this.server = server;
    this.database = database;
  }

  static async start(): Promise<SlimeServer> {
    const database = await testDatabase();
    const game = new URL("../../../sample-world/src/game.ts", import.meta.url).pathname;
    const settings = { SLIME_SAYS_NO_ACCOUNT: "yes", SLIME_MOTD: "Grüße!", GAME: game };
    const server = await WholeServer.start({ DATABASE_URL: database.url, ...settings });
    return new SlimeServer(server, database);
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await this.database.drop();
  }

  connects(from?: string): Promise<SlimeClient> {
    return this.server.slime(from);
  }

  async registers(...given: Parameters<SlimeClient["registers"]>) {
    return (await this.connects()).registers(...given);
  }

  async logsIn(...given: Parameters<SlimeClient["logsIn"]>) {
    return (await this.connects()).logsIn(...given);
  }

  async comesBack(name: string): Promise<Playing> {
    const client = await this.connects();
    const account = await client.logsIn(name, password);
    if (account === null || typeof account === "number") throw new Error(`${name} is answered by ${account}`);
    return { client, account };
  }

  async plays(name: string): Promise<Playing> {
    const result = await this.registers(name, password);
    if (result !== 1) throw new Error(`${name} is not registered: ${result}`);
    return this.comesBack(name);
  }

  async rows(text: string): Promise<readonly unknown[]> {
    return (await query(this.database.url, text)).rows;
  }
}

export const isClosed = async ({ stream }: SlimeClient): Promise<boolean> => {
  await stream.closed;
  return stream.isEnded;
};

/** Goes there. A map-server refuses a way that is too long for the time since the player came. */
export async function standsAt(client: SlimeClient, x: number, y: number): Promise<void> {
  const isThere = async (): Promise<boolean> => {
    client.says(43, u16(x), u16(y));
    client.says(117);
    const ids: number[] = [];
    while (ids.at(-1) !== 117) ids.push((await client.next())?.id ?? 117);
    return !ids.includes(77);
  };
  await until(isThere, { what: "the way" });
}

/** Reads until a player of this name comes or is there. */
export async function sees({ client }: Playing, name: string): Promise<SlimePlayer> {
  return readPlayer(await client.hears(1, (payload) => payload.includes(Buffer.from(`${name}\0`))));
}
