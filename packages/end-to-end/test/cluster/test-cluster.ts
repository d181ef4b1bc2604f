import { randomBytes } from "node:crypto";
import { type CharServer, createCharServer } from "@sallyport/char-server";
import {
  type AccountStore,
  type CharacterStore,
  createAccountStore,
  createCharacterStore,
  createPasswordHasher,
  type Database,
  migrate,
  openDatabase,
} from "@sallyport/database";
import type { LoginTicket, Position } from "@sallyport/domain";
import { type ByteChannel, memoryChannelPair, systemClock } from "@sallyport/link";
import { defaultLockTiming, type LockTiming } from "@sallyport/lock-core";
import { type LockStore, MemoryLockState, MemoryLockStore } from "@sallyport/lock-store";
import { createLoginServer, type LoginServer } from "@sallyport/login-server";
import { createMapServer, loadMaps, type MapServer, sampleMapsFolder } from "@sallyport/map-server";
import { type Client, type Connect, createClient, type DoorAddress } from "@sallyport/sdk";
import { silentLog } from "@sallyport/server-kit";
import { type TestDatabase, testDatabase, until } from "@sallyport/testkit";

/*
 * The real servers over in-memory channels and a real Postgres, with a lock store whose clock can be pushed
 * forward. Ports: login 1, char 2, map-servers from 3.
 */

export interface TestClusterOptions {
  readonly timing?: Partial<LockTiming>;
  /** Without these, memory stores on the pushed clock. */
  readonly stores?: { readonly login: LockStore; readonly world: LockStore };
  readonly autosaveMs?: number;
  /** Names of map-servers to start with. */
  readonly mapServers?: readonly string[];
  readonly spawn?: Position;
  readonly isRegistrationOpen?: boolean;
}

export interface TestAccount {
  readonly name: string;
  readonly password: string;
}

interface StartedMapServer {
  readonly server: MapServer;
  readonly port: number;
  /** The char-server's end of the link and the map-server's, newest last. */
  readonly links: (readonly [ByteChannel, ByteChannel])[];
}

const loginPort = 1;
const charPort = 2;
const credentials = { username: "alpha", password: "link password" };
const random = (count: number): Uint8Array => randomBytes(count);

export const spawn: Position = { map: "harbour", x: 41, y: 31 };

export class TestCluster {
  readonly timing: LockTiming;
  readonly accounts: AccountStore;
  readonly characters: CharacterStore;
  readonly database: Database;
  readonly stores: { login: LockStore; world: LockStore };
  readonly loginLinks: (readonly [ByteChannel, ByteChannel])[] = [];
  readonly mapServers = new Map<string, StartedMapServer>();
  /** Bugs that any server reported; `stop` fails when there are some. */
  readonly bugs: unknown[] = [];
  login!: LoginServer;
  char!: CharServer;
  readonly #options: TestClusterOptions;
  readonly #testDatabase: TestDatabase;
  #pushedMs = 0;
  #names = 0;

  private constructor(options: TestClusterOptions, testDatabase: TestDatabase, database: Database) {
    this.#options = options;
    this.#testDatabase = testDatabase;
    this.timing = { ...defaultLockTiming, ...options.timing };
    this.database = database;
    this.accounts = createAccountStore(database);
    this.characters = createCharacterStore(database);
    const nowMs = (): number => this.storeMs();
    const memory = (): LockStore => new MemoryLockStore({ nowMs, state: new MemoryLockState() });
    this.stores = options.stores ?? { login: memory(), world: memory() };
  }

  static async start(options: TestClusterOptions = {}): Promise<TestCluster> {
    const fresh = await testDatabase({ migrate: (url) => migrate(url) });
    const cluster = new TestCluster(options, fresh, await openDatabase({ url: fresh.url }));
    cluster.startLogin();
    await cluster.startChar();
    for (const name of options.mapServers ?? ["map-1"]) await cluster.startMap(name);
    return cluster;
  }

  storeMs(): number {
    return Math.floor(performance.now()) + this.#pushedMs;
  }

  /** Moves the memory stores' clock. What is then due is swept within half a second. */
  push(ms: number): void {
    this.#pushedMs += ms;
  }

  startLogin(): void {
    this.login = createLoginServer({
      ...this.#shell(),
      accounts: this.accounts,
      store: this.stores.login,
      // The least that argon2 takes: tests are not about its cost.
      hasher: createPasswordHasher({ parameters: { memoryKib: 8_192, iterations: 1, parallelism: 1 } }),
      clusterSecret: new Uint8Array(32),
      charServers: new Map([[credentials.username, credentials.password]]),
      isRegistrationOpen: this.#options.isRegistrationOpen ?? true,
      clientsMax: 10_000,
    });
  }

  async startChar(): Promise<void> {
    this.char = createCharServer({
      ...this.#shell(),
      characters: this.characters,
      store: this.stores.world,
      connectLogin: async () => {
        const pair = memoryChannelPair(["char-server", "login-server"]);
        this.loginLinks.push(pair);
        this.login.acceptCharServer(pair[1]);
        return pair[0];
      },
      credentials: { ...credentials, server: credentials.username },
      world: { name: "Alpha", host: "memory", port: charPort },
      spawn: this.#options.spawn ?? spawn,
      slotCount: 9,
      clientsMax: 10_000,
    });
    await this.char.start();
  }

  async startMap(name: string): Promise<MapServer> {
    const port = 3 + this.mapServers.size;
    const links: (readonly [ByteChannel, ByteChannel])[] = [];
    const server = createMapServer({
      ...this.#shell(),
      maps: await loadMaps(sampleMapsFolder),
      connectChar: async () => {
        const pair = memoryChannelPair([name, "char-server"]);
        links.push(pair);
        this.char.acceptMapServer(pair[1]);
        return pair[0];
      },
      credentials: { ...credentials, server: name },
      address: { host: "memory", port },
      playersMax: 5_000,
      stepMs: 20,
      viewCells: 14,
      autosaveMs: this.#options.autosaveMs ?? 60_000,
    });
    this.mapServers.set(name, { server, port, links });
    await server.start();
    return server;
  }

  mapServer(name = "map-1"): MapServer {
    const started = this.mapServers.get(name);
    if (started === undefined) throw new Error(`no map-server ${name}`);
    return started.server;
  }

  /** The SDK's transport. */
  readonly connect: Connect = async ({ port }) => {
    const [near, far] = memoryChannelPair(["client", `port ${port}`]);
    if (port === loginPort) this.login.acceptClient(far);
    else if (port === charPort) this.char.acceptClient(far);
    else {
      const started = [...this.mapServers.values()].find((each) => each.port === port);
      if (started === undefined) throw new Error("connection refused");
      started.server.acceptClient(far);
    }
    return near;
  };

  readonly loginAddress: DoorAddress = { host: "memory", port: loginPort };
  readonly charAddress: DoorAddress = { host: "memory", port: charPort };

  client(): Client {
    return createClient({ connect: this.connect, login: this.loginAddress });
  }

  /** Registered, with a character in slot 0. */
  async account(): Promise<TestAccount> {
    this.#names += 1;
    const account = { name: `player_${this.#names}`, password: "correct horse" };
    const client = this.client();
    must(await client.register({ ...account, sex: "female" }));
    must(await client.logIn({ ...account, way: "raw" }));
    const select = must(await client.enterWorld(this.charAddress));
    must(await select.create({ slot: 0, name: account.name }));
    select.leave();
    await this.untilFree(client.ticket as LoginTicket);
    return account;
  }

  /** What is stored under a key now, parsed; null when free. */
  async lock(tier: "login" | "world", key: string): Promise<{ readonly state: string } | null> {
    const { lock } = await this.stores[tier].load(key);
    return lock === null ? null : JSON.parse(lock.value);
  }

  async untilFree({ accountId }: Pick<LoginTicket, "accountId">): Promise<void> {
    await until(
      async () =>
        (await this.lock("login", `account:${accountId}`)) === null &&
        (await this.lock("world", `character:${accountId}`)) === null,
      { what: `the locks of account ${accountId} to be free` },
    );
  }

  async stop(): Promise<void> {
    for (const { server } of this.mapServers.values()) await server.stop();
    await this.char.stop();
    await this.login.stop();
    await this.stores.login.close();
    await this.stores.world.close();
    await this.database.close();
    await this.#testDatabase.drop();
    if (this.bugs.length > 0) throw new AggregateError(this.bugs, "servers reported bugs");
  }

  #shell() {
    return {
      timing: this.timing,
      clock: systemClock,
      wallMs: Date.now,
      random: Math.random,
      randomBytes: random,
      log: silentLog(),
      failed: (error: unknown) => {
        this.bugs.push(error);
      },
    };
  }
}

/** The value of what must not be refused here. */
export function must<Value>(outcome: { ok: true; value: Value } | { ok: false; refusal: string }): Value {
  if (!outcome.ok) throw new Error(`refused: ${outcome.refusal}`);
  return outcome.value;
}
