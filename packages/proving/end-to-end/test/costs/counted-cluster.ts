import { type Client, type ConnectionOptions, createClient, type Game } from "@sallyport/sdk";
import { ManualClock, must, settled } from "@sallyport/testkit";
import { MemoryCluster, stepMs } from "../cluster/memory-cluster.ts";
import { type Cost, Meter } from "./meter.ts";

/** A map-server shows events to its players after at most this time. */
const roundMs = 50;

export const password = "correct horse";

/**
 * Returns a substitute for random bytes. Each result is different, and all have the same length on the wire.
 */
function numberedBytes(): (count: number) => Uint8Array {
  let drawn = 0;
  return (count) => {
    drawn += 1;
    const bytes = new Uint8Array(count).fill(0x90);
    new DataView(bytes.buffer).setUint16(count - 2, 0x8000 + drawn);
    return bytes;
  };
}

export interface Player {
  readonly name: string;
  readonly client: Client;
  readonly game: Game;
}

/** A world that counts all costs. */
export class CountedCluster {
  readonly meter = new Meter();
  readonly cluster: MemoryCluster;
  /** This clock never moves, so clients have no timeouts and send no heartbeats. */
  readonly #clientClock = new ManualClock();

  /** `hosted` lists the maps of each map-server. */
  constructor(hosted: readonly (readonly string[])[]) {
    this.cluster = new MemoryCluster({
      between: this.meter,
      randomBytes: numberedBytes(),
      wallMs: () => 1_700_000_000_000,
      hosted,
    });
  }

  static async start(
    hosted: readonly (readonly string[])[] = [["north"], ["south"]],
  ): Promise<CountedCluster> {
    const counted = new CountedCluster(hosted);
    await counted.cluster.start();
    return counted;
  }

  get connection(): ConnectionOptions {
    return { ...this.cluster.connection, clock: this.#clientClock };
  }

  client(): Client {
    const nonces = numberedBytes();
    return createClient({
      ...this.connection,
      login: this.cluster.address.login,
      drawNonce: () => nonces(32),
    });
  }

  /** Creates a registered client with a character. The login-server has cached its password already. */
  async newcomer(name: string): Promise<Client> {
    const client = this.client();
    must(await client.register({ name, password, sex: "female" }));
    await this.logIn(client, name);
    const select = must(await client.enterWorld(this.cluster.address.char));
    must(await select.create({ slot: 0, name }));
    select.leave();
    await settled();
    return client;
  }

  async logIn(client: Client, name: string, way: "raw" | "hashed" = "raw"): Promise<void> {
    must(await client.logIn({ name, password, way }));
  }

  /** Creates a player on the map where characters begin. */
  async player(name: string): Promise<Player> {
    const client = await this.newcomer(name);
    const game = await this.enter(client, name);
    await this.shown();
    return { name, client, game };
  }

  /** Moves the clock until all players have been shown what happened around them. */
  async shown(): Promise<void> {
    await this.cluster.clock.advance(roundMs);
  }

  async enter(client: Client, name: string): Promise<Game> {
    await this.logIn(client, name);
    const select = must(await client.enterWorld(this.cluster.address.char));
    const [character] = select.characters;
    if (character === undefined) throw new Error(`${name} has no character`);
    return must(await select.choose(character.charId));
  }

  /** Moves the clock by the time of this number of steps. */
  async steps(count: number): Promise<void> {
    await this.cluster.clock.advance(count * stepMs + stepMs / 2);
  }

  /** Returns the cost of this work and of everything that it causes. */
  async costOf(run: () => Promise<unknown>): Promise<Cost> {
    await settled();
    this.meter.take();
    await run();
    await settled();
    return this.meter.take();
  }

  async stop(): Promise<void> {
    await this.cluster.stop();
    if (this.cluster.bugs.length > 0) throw this.cluster.bugs[0];
  }
}
