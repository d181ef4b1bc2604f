import { randomBytes } from "node:crypto";
import { type CharServer, createCharServer } from "@sallyport/char-server";
import { characterNames, createMemoryStores, createPasswordHasher } from "@sallyport/database";
import type { ByteChannel } from "@sallyport/link";
import { memoryChannelPair } from "@sallyport/link";
import { defaultLockTiming } from "@sallyport/lock-core";
import { MemoryLockState, MemoryLockStore } from "@sallyport/lock-store";
import { createLoginServer, type LoginServer } from "@sallyport/login-server";
import { createMapServer, type MapServer } from "@sallyport/map-server";
import { type GridMap, parseMap } from "@sallyport/map-world";
import type { ConnectionOptions, DoorAddress } from "@sallyport/sdk";
import { silentLog } from "@sallyport/server-kit";
import { ManualClock } from "@sallyport/testkit";

const side = 10;
const middle = Array.from({ length: side - 2 }, () => `#${".".repeat(side - 2)}#`);
const rows = ["#".repeat(side), ...middle, "#".repeat(side)].join("\n");
const yard = (name: string, other: string): GridMap =>
  parseMap(`name: ${name}\nspawn: 2,2\nwarp: 8,8 -> ${other}:3,3\n\n${rows}`, `${name}.map`);

/** Nobody is held up for asking too fast. */
const unbounded = { commandsPerSecond: 1e9, newcomersMax: 1e9, clientsMax: 1_000 };
const credentials = { username: "alpha", password: "link password" };
const door = { host: "memory", wsUrl: null, otherDoors: [], near: [] };

/** The servers of one world, with everything in memory, on a clock that stands still unless it is moved. */
export class MemoryCluster {
  readonly clock = new ManualClock();
  readonly login: LoginServer;
  readonly char: CharServer;
  readonly map: MapServer;
  readonly bugs: unknown[] = [];
  readonly address = { login: { ...door, port: 1 }, char: { ...door, port: 2 }, map: { ...door, port: 3 } };

  constructor() {
    const { clock } = this;
    const stores = createMemoryStores();
    const shell = {
      clock,
      timing: defaultLockTiming,
      wallMs: Date.now,
      random: Math.random,
      randomBytes: (count: number) => randomBytes(count),
      log: silentLog(),
      failed: (error: unknown) => void this.bugs.push(error),
      ...unbounded,
    };
    const store = () => new MemoryLockStore({ nowMs: () => clock.nowMs(), state: new MemoryLockState() });
    const linked = (accept: (channel: ByteChannel) => void) => async () => {
      const [near, far] = memoryChannelPair(["from", "to"]);
      accept(far);
      return near;
    };
    this.login = createLoginServer({
      ...shell,
      accounts: stores.accounts,
      store: store(),
      hasher: createPasswordHasher({ parameters: { memoryKib: 8_192, iterations: 1, parallelism: 1 } }),
      clusterSecret: new Uint8Array(32),
      charServers: new Map([[credentials.username, credentials.password]]),
      isRegistrationOpen: true,
      secondLogin: "takeover",
      failuresPerName: 0,
      failuresPerAddress: 0,
    });
    this.char = createCharServer({
      ...shell,
      characters: stores.characters,
      mapHosts: stores.mapHosts,
      store: store(),
      connectLogin: linked((channel) => this.login.acceptCharServer(channel)),
      credentials: { ...credentials, server: credentials.username },
      world: { name: "Alpha", ...this.address.char },
      spawn: { map: "north", x: 2, y: 2 },
      slotCount: 3,
      deletionS: 0,
      names: characterNames(),
    });
    this.map = createMapServer({
      ...shell,
      maps: new Map([yard("north", "south"), yard("south", "north")].map((map) => [map.name, map])),
      connectChar: linked((channel) => this.char.acceptMapServer(channel)),
      credentials: { ...credentials, server: "map-1" },
      address: this.address.map,
      playersMax: 100,
      stepMs: 100,
      viewCells: 14,
      autosaveMs: 60_000,
    });
  }

  async start(): Promise<void> {
    const started = Promise.all([this.char.start(), this.map.start()]);
    await this.clock.advance(10_000);
    await started;
  }

  async stop(): Promise<void> {
    const stopped = [this.map, this.char, this.login].map((server) => server.stop());
    await this.clock.advance(30_000);
    await Promise.all(stopped);
  }

  /** For the SDK. */
  get connection(): ConnectionOptions {
    const connect = async ({ port }: DoorAddress) => {
      const [near, far] = memoryChannelPair(["client", `port ${port}`]);
      [this.login, this.char, this.map][port - 1]?.acceptClient(far);
      return near;
    };
    return { connect, clock: this.clock, bounds: { connectMs: 5_000, answerMs: 20_000 } };
  }
}
