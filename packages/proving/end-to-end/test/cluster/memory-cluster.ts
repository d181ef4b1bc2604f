import { randomBytes } from "node:crypto";
import { createPasswordHasher, defaultAuthenticationSettings, unlimited } from "@sallyport/authentication";
import { type CharServer, createCharServer } from "@sallyport/char-server";
import { characterNames, createMemoryStores, type MemoryStores } from "@sallyport/database";
import { type ByteChannel, memoryChannelPair } from "@sallyport/link";
import { defaultLockTiming } from "@sallyport/lock-core";
import { type LockStore, MemoryLockState, MemoryLockStore } from "@sallyport/lock-store";
import { createLoginServer, type LoginServer } from "@sallyport/login-server";
import { parseTextMap } from "@sallyport/map-files";
import { createMapServer, type MapServer } from "@sallyport/map-server";
import type { GridMap } from "@sallyport/map-world";
import type { ConnectionOptions, DoorAddress } from "@sallyport/sdk";
import { clientBounds, defaultLinkBounds } from "@sallyport/server-kit";
import { ManualClock, testHost, yard } from "@sallyport/testkit";

const yardTo = (name: string, next: string): GridMap =>
  parseTextMap(yard({ name, next, side: 10 }), `${name}.map`);

/** Limits so high that no client reaches them. */
const unbounded = clientBounds({ commandsPerSecond: 1e9, newcomersMax: 1e9, clientsMax: 1_000 });

export const stepMs = 100;
const doors = ["login", "char", "map"] as const;

/** Wraps the stores and channels of the servers, to observe them. It changes nothing. */
export interface Between {
  readonly locks: (store: LockStore) => LockStore;
  readonly database: (stores: MemoryStores) => MemoryStores;
  readonly link: (channel: ByteChannel) => ByteChannel;
  readonly client: (channel: ByteChannel, door: "login" | "char" | "map") => ByteChannel;
}

const nothingBetween: Between = {
  locks: (store) => store,
  database: (stores) => stores,
  link: (channel) => channel,
  client: (channel) => channel,
};

export interface MemoryClusterOptions {
  readonly between?: Between;
  readonly randomBytes?: (count: number) => Uint8Array;
  /** Milliseconds since 1970. */
  readonly wallMs?: () => number;
  readonly hosted?: readonly (readonly string[])[];
}
const credentials = { username: "alpha", password: "link password" };
const door = { host: "memory", wsUrl: null, otherDoors: [], near: [] };

/** The servers of one world, all in memory. Only the test moves their clock. */
export class MemoryCluster {
  readonly clock = new ManualClock();
  readonly login: LoginServer;
  readonly char: CharServer;
  readonly maps: readonly MapServer[];
  readonly bugs: unknown[] = [];
  readonly address = { login: { ...door, port: 1 }, char: { ...door, port: 2 }, map: { ...door, port: 3 } };
  readonly #between: Between;

  constructor({
    between = nothingBetween,
    randomBytes: random = randomBytes,
    wallMs = Date.now,
    hosted = [["north", "south"]],
  }: MemoryClusterOptions = {}) {
    const { clock } = this;
    this.#between = between;
    const stores = between.database(createMemoryStores({ now: wallMs }));
    const host = testHost({
      clock,
      wallMs,
      randomBytes: random,
      failed: (error) => void this.bugs.push(error),
    });
    const timing = defaultLockTiming;
    const store = () =>
      between.locks(new MemoryLockStore({ nowMs: () => clock.nowMs(), state: new MemoryLockState() }));
    const linked = (names: readonly [string, string], accept: (channel: ByteChannel) => void) => async () => {
      const [near, far] = memoryChannelPair(names);
      accept(between.link(far));
      return between.link(near);
    };
    this.login = createLoginServer(host, {
      timing,
      clientBounds: unbounded,
      linkBounds: defaultLinkBounds,
      accounts: stores.accounts,
      networkBans: stores.networkBans,
      store: store(),
      hasher: createPasswordHasher({ parameters: { memoryKib: 8_192, iterations: 1, parallelism: 1 } }),
      clusterSecret: new Uint8Array(32),
      charServers: new Map([[credentials.username, credentials.password]]),
      mailTokens: stores.mailTokens,
      secondLogin: "takeover",
      authentication: defaultAuthenticationSettings,
      limitsFor: () => unlimited,
    });
    this.char = createCharServer(host, {
      timing,
      clientBounds: unbounded,
      linkBounds: defaultLinkBounds,
      characters: stores.characters,
      mapHosts: stores.mapHosts,
      worldStates: stores.worldStates,
      accountOrders: stores.accounts,
      networkBans: stores.networkBans,
      store: store(),
      connectLogin: linked(["char", "login"], (channel) => this.login.acceptCharServer(channel)),
      credentials: { ...credentials, server: credentials.username },
      world: { name: "Alpha", ...this.address.char },
      rules: {
        spawn: { map: "north", x: 2, y: 2 },
        slotCount: 3,
        deletionS: 0,
        names: characterNames(),
      },
    });
    const yards = [yardTo("north", "south"), yardTo("south", "north")];
    this.maps = hosted.map((names, nth) =>
      createMapServer(host, {
        maps: new Map(yards.filter(({ name }) => names.includes(name)).map((map) => [map.name, map])),
        connectChar: linked([`map-${nth + 1}`, "char"], (channel) => this.char.acceptMapServer(channel)),
        credentials: { ...credentials, server: `map-${nth + 1}` },
        address: { ...this.address.map, port: this.address.map.port + nth },
        clientBounds: unbounded,
        playersMax: 100,
        stepMs,
        viewCells: 14,
        autosaveMs: 60_000,
      }),
    );
  }

  async start(): Promise<void> {
    const started = Promise.all([this.char, ...this.maps].map((server) => server.start()));
    await this.clock.advance(10_000);
    await started;
  }

  async stop(): Promise<void> {
    const stopped = [...this.maps, this.char, this.login].map((server) => server.stop());
    await this.clock.advance(30_000);
    await Promise.all(stopped);
  }

  get connection(): ConnectionOptions {
    const connect = async ({ port }: DoorAddress) => {
      const [near, far] = memoryChannelPair(["client", `port ${port}`]);
      const at = doors[Math.min(port, doors.length) - 1] ?? "map";
      [this.login, this.char, ...this.maps][port - 1]?.acceptClient(this.#between.client(far, at));
      return near;
    };
    return { connect, clock: this.clock, bounds: { connectMs: 5_000, answerMs: 20_000 } };
  }
}
