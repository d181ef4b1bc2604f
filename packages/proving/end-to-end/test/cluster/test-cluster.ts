import { createPasswordHasher, defaultAuthenticationSettings, unlimited } from "@sallyport/authentication";
import { type CharServer, createCharServer } from "@sallyport/char-server";
import {
  type AccountStore,
  type CharacterNames,
  type CharacterStore,
  characterNames,
  createAccountStore,
  createCharacterStore,
  createMailTokenStore,
  createNetworkBans,
  type Database,
  migrate,
  openDatabase,
} from "@sallyport/database";
import type { Dialect } from "@sallyport/dialects";
import type { DirectoryService } from "@sallyport/directory";
import type { LoginTicket, MapDoor, NearDoor, OtherDoor, Position } from "@sallyport/domain";
import { type ByteChannel, memoryChannelPair } from "@sallyport/link";
import { accountLockKey, characterLockKey, defaultLockTiming, type LockTiming } from "@sallyport/lock-core";
import { type LockStore, MemoryLockState, MemoryLockStore, readLock } from "@sallyport/lock-store";
import { createLoginServer, type LoginServer, type LoginServerDeps } from "@sallyport/login-server";
import { loadMaps } from "@sallyport/map-files";
import { createMapServer, type MapServer, type MapServerDeps, sampleMapsFolder } from "@sallyport/map-server";
import { type Client, type Connect, createClient, type DoorAddress } from "@sallyport/sdk";
import {
  type ClientBounds,
  type CookieJar,
  clientBounds,
  defaultLinkBounds,
  type Host,
  type Log,
  type Metrics,
  noMetrics,
  silentLog,
} from "@sallyport/server-kit";
import { must, type TestDatabase, testDatabase, testHost, until } from "@sallyport/testkit";
import { charStoresOn } from "./char-stores.ts";
import { type Around, Life } from "./life.ts";

/*
 * Runs the real servers over in-memory channels. The database is a real Postgres. The test can move the clock
 * of the lock stores forward. The login-server has port 1, the char-server 2, and map-servers have ports from
 * 3.
 */

export interface TestClusterOptions {
  readonly timing?: Partial<LockTiming>;
  /** By default the stores are in memory, and `push` moves their clock. */
  readonly stores?: { readonly login: LockStore; readonly world: LockStore };
  /** Only clusters with several login-servers need a directory. */
  readonly directory?: DirectoryService;
  readonly autosaveMs?: number;
  readonly drainAsked?: () => void;
  /** Limits for clients at every door. */
  readonly bounds?: Partial<ClientBounds>;
  /** These map-servers run from the start. */
  readonly mapServers?: readonly string[];
  readonly spawn?: Position;
  readonly worldStates?: MapServerDeps["worldStates"];
  readonly game?: MapServerDeps["game"];
  readonly names?: CharacterNames;
  /** Seconds between the request to delete a character and its deletion. */
  readonly deletionS?: number;
  readonly login?: Partial<LoginServerDeps>;
  /** The default is `reject`, because `reject` shows every step of a second login. */
  readonly secondLogin?: "takeover" | "reject" | "by-dialect";
  /** A database that another cluster owns. That cluster drops it. */
  readonly database?: TestDatabase;
  /**
   * Creates the channels of links and clients. If absent, the channels are in memory. `names` has the end
   * that connects first, then its peer.
   */
  readonly pair?: Pair;
  /** Returns the doors for other dialects at a server: the char-server, or the map-server of this name. */
  readonly otherDoors?: (server: string) => readonly OtherDoor[];
  /**
   * Returns doors that only clients from some networks use. The server is the char-server, or the map-server
   * of this name.
   */
  readonly near?: (server: string, port: number) => readonly NearDoor[];
  /** Wraps each request of a server to a store, and may delay it. */
  readonly around?: Around;
  /** Returns the dialect of a client that connects to a map-server. */
  readonly mapDialect?: () => Dialect<MapDoor>;
  /** The folder of the maps. If absent, the maps are `sampleMaps`. */
  readonly mapsFolder?: string;
  readonly log?: Log;
  readonly metrics?: Metrics;
}

export type Pair = (
  names: readonly [string, string],
) => Promise<readonly [ByteChannel, ByteChannel]> | readonly [ByteChannel, ByteChannel];

export interface StartMapOptions {
  /** The maps that the map-server serves. If absent, it serves all maps of the cluster. */
  readonly maps?: readonly string[];
  readonly playersMax?: number;
}

export interface TestAccount {
  readonly name: string;
  readonly password: string;
}

interface OfAccount {
  readonly accountId: number;
}

interface StartedMapServer {
  readonly server: MapServer;
  readonly life: Life;
  readonly port: number;
  /** Pairs of the char-server's end and the map-server's end of each link. The newest link is last. */
  readonly links: (readonly [ByteChannel, ByteChannel])[];
}

const loginPort = 1;
const charPort = 2;
export const linkPassword = "link password";
const credentials = { username: "alpha", password: linkPassword };
const runs: Around = (_what, run) => run();

/** Tests count on two maps: with more, map-servers would get other shares. */
const sampleMaps: readonly string[] = ["harbour", "forest"];

export const spawn: Position = { map: "harbour", x: 41, y: 31 };

export class TestCluster {
  readonly timing: LockTiming;
  readonly accounts: AccountStore;
  readonly characters: CharacterStore;
  readonly database: Database;
  readonly stores: { login: LockStore; world: LockStore };
  readonly loginLinks: (readonly [ByteChannel, ByteChannel])[] = [];
  readonly mapServers = new Map<string, StartedMapServer>();
  /** Link cookies, keyed by server. */
  readonly cookies = new Map<string, Uint8Array>();
  /** Bugs that servers reported. If there are any, `stop` fails. */
  readonly bugs: unknown[] = [];
  login!: LoginServer;
  char!: CharServer;
  #loginLife = new Life();
  #charLife = new Life();
  readonly #options: TestClusterOptions;
  readonly testDatabase: TestDatabase;
  #pushedMs = 0;
  #names = 0;
  #nextMapPort = 3;

  private constructor(options: TestClusterOptions, testDatabase: TestDatabase, database: Database) {
    this.#options = options;
    this.testDatabase = testDatabase;
    this.timing = { ...defaultLockTiming, ...options.timing };
    this.database = database;
    this.accounts = createAccountStore(database);
    this.characters = createCharacterStore(database);
    const nowMs = (): number => this.storeMs();
    const memory = (): LockStore => new MemoryLockStore({ nowMs, state: new MemoryLockState() });
    this.stores = options.stores ?? { login: memory(), world: memory() };
  }

  static async start(options: TestClusterOptions = {}): Promise<TestCluster> {
    const fresh = options.database ?? (await testDatabase({ migrate: (url) => migrate(url) }));
    const cluster = new TestCluster(options, fresh, await openDatabase({ url: fresh.url }));
    cluster.startLogin();
    await cluster.startChar();
    for (const name of options.mapServers ?? ["map-1"]) await cluster.startMap(name);
    return cluster;
  }

  storeMs(): number {
    return Math.floor(performance.now()) + this.#pushedMs;
  }

  /**
   * Moves the clock of the memory stores forward. Within half a second, the servers sweep the locks that are
   * due.
   */
  push(ms: number): void {
    this.#pushedMs += ms;
  }

  startLogin(): void {
    const life = new Life();
    this.#loginLife = life;
    this.login = createLoginServer(this.hostOf(life), {
      ...{ timing: this.timing, clusterSecret: new Uint8Array(32) },
      accounts: createAccountStore(life.database(this.database, this.#around)),
      networkBans: createNetworkBans(life.database(this.database, this.#around)),
      store: life.store(this.stores.login, "login", this.#around),
      // Cheap parameters for argon2, because these tests are not about its cost.
      hasher: createPasswordHasher({ parameters: { memoryKib: 8_192, iterations: 1, parallelism: 1 } }),
      // `beta` is for tests that start a second world.
      charServers: new Map([credentials.username, "beta"].map((username) => [username, linkPassword])),
      mailTokens: createMailTokenStore(life.database(this.database, this.#around)),
      secondLogin: this.#options.secondLogin ?? "reject",
      ...(this.#options.directory && { directory: this.#options.directory }),
      ...{ authentication: defaultAuthenticationSettings, limitsFor: () => unlimited },
      ...{ clientBounds: this.#clientBounds, linkBounds: defaultLinkBounds, ...this.#options.login },
    });
  }

  async startChar(): Promise<void> {
    const life = new Life();
    this.#charLife = life;
    this.char = createCharServer(this.hostOf(life), {
      timing: this.timing,
      ...charStoresOn(life.database(this.database, this.#around)),
      store: life.store(this.stores.world, "world", this.#around),
      connectLogin: async () => {
        const pair = await this.#connect(["char-server", "login-server"], life, this.#loginLife);
        this.loginLinks.push(pair);
        this.login.acceptCharServer(pair[1]);
        return pair[0];
      },
      cookies: this.#jarOf("char"),
      credentials: { ...credentials, server: credentials.username },
      world: {
        name: "Alpha",
        host: "memory",
        port: charPort,
        wsUrl: null,
        otherDoors: this.#otherDoors("char"),
        near: this.#options.near?.("char", charPort) ?? [],
      },
      rules: {
        spawn: this.#options.spawn ?? spawn,
        slotCount: 9,
        names: this.#options.names ?? characterNames(),
        deletionS: this.#options.deletionS ?? 0,
      },
      clientBounds: this.#clientBounds,
      linkBounds: defaultLinkBounds,
    });
    await this.char.start();
  }

  async startMap(name: string, options: StartMapOptions = {}): Promise<MapServer> {
    const port = this.#nextMapPort;
    this.#nextMapPort += 1;
    const life = new Life();
    const links: (readonly [ByteChannel, ByteChannel])[] = [];
    const { mapsFolder, worldStates, game, drainAsked, autosaveMs = 60_000 } = this.#options;
    const all = await loadMaps(mapsFolder ?? sampleMapsFolder);
    const { maps = mapsFolder ? [...all.keys()] : sampleMaps, playersMax = 5_000 } = options;
    const server = createMapServer(this.hostOf(life), {
      maps: new Map([...all].filter(([map]) => maps.includes(map))),
      connectChar: async () => {
        const pair = await this.#connect([name, "char-server"], life, this.#charLife);
        links.push(pair);
        this.char.acceptMapServer(pair[1]);
        return pair[0];
      },
      cookies: this.#jarOf(name),
      credentials: { ...credentials, server: name },
      address: {
        ...{ host: "memory", port, wsUrl: null, otherDoors: this.#otherDoors(name) },
        near: this.#options.near?.(name, port) ?? [],
      },
      clientBounds: this.#clientBounds,
      ...{ stepMs: 20, viewCells: 14, autosaveMs, playersMax, worldStates, game, drainAsked },
    });
    this.mapServers.set(name, { server, life, port, links });
    await server.start();
    return server;
  }

  /** Kills the server as SIGKILL does. The test can start it again. */
  kill(server: "login" | "char" | { readonly map: string }): void {
    if (server === "login") this.#loginLife.kill();
    else if (server === "char") this.#charLife.kill();
    else this.#startedMap(server.map).life.kill();
  }

  mapServer(name = "map-1"): MapServer {
    return this.#startedMap(name).server;
  }

  #startedMap(name: string): StartedMapServer {
    const started = this.mapServers.get(name);
    if (started === undefined) throw new Error(`no map-server ${name}`);
    return started;
  }

  readonly connect: Connect = async ({ port }) => {
    const { server, life } = this.#doorAt(port);
    const [near, far] = await this.#connect(["client", `port ${port}`], new Life(), life);
    server.acceptClient(far);
    return near;
  };

  #doorAt(port: number): { server: { acceptClient(channel: ByteChannel): void }; life: Life } {
    if (port === loginPort) return { server: this.login, life: this.#loginLife };
    if (port === charPort) return { server: this.char, life: this.#charLife };
    const started = [...this.mapServers.values()].find((each) => each.port === port);
    if (started === undefined) throw new Error("connection refused");
    const accept = (channel: ByteChannel): void =>
      started.server.acceptClient(channel, this.#options.mapDialect?.());
    return { server: { acceptClient: accept }, life: started.life };
  }

  async #connect(names: readonly [string, string], near: Life, far: Life) {
    if (near.isOver || far.isOver) throw new Error("connection refused");
    const pair = await (this.#options.pair ?? memoryChannelPair)(names);
    near.owns(pair[0]);
    far.owns(pair[1]);
    return pair;
  }

  #otherDoors(server: string): readonly OtherDoor[] {
    return this.#options.otherDoors?.(server) ?? [];
  }

  readonly #around: Around = (what, run) => (this.#options.around ?? runs)(what, run);

  readonly loginAddress: DoorAddress = { host: "memory", port: loginPort };
  readonly charAddress: DoorAddress = { host: "memory", port: charPort };

  client(): Client {
    return createClient({ connect: this.connect, login: this.loginAddress });
  }

  /** Registers an account with a character in slot 0. */
  async account(): Promise<TestAccount> {
    this.#names += 1;
    const account = { name: `player_${this.#names}`, password: "correct horse" };
    const client = this.client();
    must(await client.register({ ...account, sex: "female" }));
    // A push may have ended the lease of a server lock. Then the world is unavailable for a moment.
    const letIn = async (): Promise<boolean> => (await client.logIn({ ...account, way: "raw" })).ok;
    await until(letIn, { what: `${account.name} is admitted` });
    const select = must(await client.enterWorld(this.charAddress));
    must(await select.create({ slot: 0, name: account.name }));
    select.leave();
    await this.untilFree(client.ticket as LoginTicket);
    return account;
  }

  /** Reads and parses the lock under a key. Resolves to null if it is free. */
  async lock(tier: "login" | "world", key: string): Promise<{ readonly state: string } | null> {
    const { lock } = await this.stores[tier].load(key);
    return lock === null ? null : readLock(key, lock.value);
  }

  accountLock({ accountId }: OfAccount): Promise<{ readonly state: string } | null> {
    return this.lock("login", accountLockKey(accountId));
  }

  characterLock({ accountId }: OfAccount): Promise<{ readonly state: string } | null> {
    return this.lock("world", characterLockKey(accountId));
  }

  async untilFree(of: OfAccount): Promise<void> {
    await until(
      async () => (await this.accountLock(of)) === null && (await this.characterLock(of)) === null,
      { what: `the locks of account ${of.accountId} to be free` },
    );
  }

  async stop(): Promise<void> {
    for (const { server, life } of this.mapServers.values()) if (!life.isOver) await server.stop();
    if (!this.#charLife.isOver) await this.char.stop();
    if (!this.#loginLife.isOver) await this.login.stop();
    await this.stores.login.close();
    await this.stores.world.close();
    await this.database.close();
    if (this.#options.database === undefined) await this.testDatabase.drop();
    if (this.bugs.length > 0) throw new AggregateError(this.bugs, "servers reported bugs");
  }

  /** Returns the cookie store of a server. It outlives the server, as a file does. */
  #jarOf(server: string): CookieJar {
    return {
      load: async () => this.cookies.get(server) ?? null,
      store: async (cookie) => {
        if (cookie === null) this.cookies.delete(server);
        else this.cookies.set(server, cookie);
      },
    };
  }

  /** Returns a `Host` for a server of the test. */
  hostOf(life = new Life()): Host {
    return testHost({
      clock: life.clock,
      random: Math.random,
      log: this.#options.log ?? silentLog(),
      metrics: this.#options.metrics ?? noMetrics,
      failed: (error) => {
        if (!life.isOver) this.bugs.push(error);
      },
    });
  }

  get #clientBounds(): ClientBounds {
    return clientBounds({ clientsMax: 10_000, ...this.#options.bounds });
  }
}
