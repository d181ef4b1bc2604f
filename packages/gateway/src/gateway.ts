import { isIP } from "node:net";
import type { Directory } from "@sallyport/directory";
import { Unavailable } from "@sallyport/domain";
import {
  addressOf,
  type ByteChannel,
  type Clock,
  delay,
  encodeProxyHeader,
  Newcomers,
} from "@sallyport/link";
import { ConnectFailed } from "@sallyport/link/tcp";
import { type CharacterLock, characterLockKey, isCharacterLock } from "@sallyport/lock-core";
import { type LockReader, readLock, StoreUnavailable } from "@sallyport/lock-store";
import {
  drained,
  isRefusal,
  LabelledCounts,
  type LabelsOf,
  type LogLines,
  type Metrics,
  noMetrics,
  Occupancy,
  Refusals,
} from "@sallyport/server-kit";
import type { Connect } from "./connect.ts";
import { type EndedBy, type Found, JoinedClient } from "./joined-client.ts";
import type { Peek } from "./peek.ts";
import { type Asked, mapServerOf, routes, serversOf } from "./route.ts";
import { ServersUp } from "./servers-up.ts";

/*
 * One public door for many servers. A client that shows an account at the map door is led to the map-server that has its
 * character, by what the lock store says at that moment; then both streams are joined, and the gateway has no part in
 * what is said. It decides nothing: whoever is led astray is refused there, and nothing that it does changes a lock.
 */

export type GatewayDoorName = Asked["door"];

export interface GatewayOptions {
  readonly world: string;
  readonly clientsMax: number;
  readonly clientsPerAddressMax: number;
  readonly firstCommandMs: number;
  readonly newcomersMax: number;
  readonly newcomersPerAddressMax: number;
  readonly waitingBytesMax: number;
  /** How long a server that is not on the list any more may be silent. */
  readonly goneMs: number;
  /** How long a client may read nothing of what waits for it. */
  readonly unreadMs: number;
  /** How long a server is looked for that is not there, or not known of. */
  readonly unreachedMs: number;
  readonly sendProxy: boolean;
  readonly directory: Pick<Directory, "list">;
  /** Of the world's character locks. */
  readonly locks: Pick<LockReader, "load">;
  readonly connect: Connect;
  readonly clock: Clock;
  readonly log: LogLines;
  readonly metrics?: Metrics;
  readonly failed: (error: unknown) => void;
}

/** A public door: what is spoken there, and of which servers it is. */
export interface GatewayDoor {
  readonly door: GatewayDoorName;
  readonly dialect: string;
  readonly peek: Peek;
  /** Where clients connect. */
  readonly address: { readonly host: string; readonly port: number };
}

/** What a client is to be led to, and how it is told of there. */
interface Sought {
  readonly door: GatewayDoorName;
  readonly dialect: string;
  readonly accountId: number | null;
  readonly preface: Uint8Array | null;
  readonly isWanted: () => boolean;
}

/** Where a client is, and from when on with whom. */
interface Joined {
  readonly door: GatewayDoorName;
  server: string | null;
}

const tickMs = 1_000;
const lookAgainMs = 200;
const tellDrainMs = 10_000;
const lookClosedMs = 20;

/** Whose end nobody asked for, and which the log tells of in numbers. */
const faults: ReadonlySet<EndedBy> = new Set([
  "nonsense",
  "not-reading",
  "no-server",
  "server-gone",
  "unavailable",
] satisfies EndedBy[]);

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #metrics: Metrics;
  readonly #servers: ServersUp;
  readonly #newcomers: Newcomers;
  readonly #occupancy: Occupancy;
  readonly #clients = new Map<JoinedClient, Joined>();
  readonly #counts = new LabelledCounts<LabelsOf<"clients">>();
  /** Those of before, too, as long as what was sent to them is on its way. */
  #unclosedCount = 0;
  #phase: "up" | "draining" | "stopped" = "up";
  readonly #joinedTo = new Map<string, number>();
  readonly #stopTicking: () => void;
  readonly #refusals: { readonly [D in GatewayDoorName]: Refusals };
  /** Not told in the log yet. */
  #untold = new Map<string, number>();

  constructor(options: GatewayOptions) {
    const { directory, clock, log, firstCommandMs, newcomersMax, newcomersPerAddressMax } = options;
    this.#options = options;
    this.#metrics = options.metrics ?? noMetrics;
    const refusalsAt = (door: GatewayDoorName) => new Refusals({ ...options, at: "gateway", door });
    this.#refusals = { login: refusalsAt("login"), char: refusalsAt("char"), map: refusalsAt("map") };
    this.#servers = new ServersUp(directory, clock, log);
    const bounds = {
      withinMs: firstCommandMs,
      countMax: newcomersMax,
      perAddressMax: newcomersPerAddressMax,
    };
    this.#newcomers = new Newcomers(bounds, clock);
    this.#occupancy = new Occupancy(options);
    this.#metrics.watchEach("clients", () => this.#counts);
    this.#metrics.watch("gatewayWaitingBytes", {}, () => this.waitingBytes);
    this.#stopTicking = clock.every(tickMs, () => {
      this.#endStuck();
      this.#endGone();
      this.#tell();
    });
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  get state(): "up" | "draining" {
    return this.#phase === "up" ? "up" : "draining";
  }

  /** That one end of a connection sent and the other has not taken yet. */
  get waitingBytes(): number {
    let bytes = 0;
    for (const client of this.#clients.keys()) bytes += client.waitingBytes;
    return bytes;
  }

  /** Somebody that clients can be led to. */
  hasServer(door: GatewayDoorName): boolean {
    return serversOf(door, this.#options.world, this.#servers.servers).length > 0;
  }

  /** Resolves once the directory was asked. */
  look(): Promise<void> {
    return this.#servers.look();
  }

  accept(channel: ByteChannel, { door, dialect, peek, address: at }: GatewayDoor): void {
    const carried = { transport: channel.transport, dialect };
    const address = addressOf(channel.remote);
    const by = this.#occupancy.enter(address);
    const refusals = this.#refusals[door];
    if (by !== null) {
      refusals.refuse({ by, remote: channel.remote });
      return channel.destroy();
    }
    this.#metrics.count("clientsAccepted", { door, ...carried });
    const { newcomers, options } = { newcomers: this.#newcomers, options: this.#options };
    const joined: Joined = { door, server: null };
    this.#unclosedCount += 1;
    const client = new JoinedClient(channel, {
      newcomers,
      clock: options.clock,
      peek,
      waitingBytesMax: options.waitingBytesMax,
      find: async (accountId, isWanted) => {
        const preface = options.sendProxy ? headerFor(channel.remote, at) : null;
        const found = await this.#find({ door, dialect, accountId, preface, isWanted });
        joined.server = found?.route.server ?? null;
        // It went meanwhile, and was told of when it did.
        if (joined.server !== null && !this.#clients.has(client)) this.#count(door, joined.server, -1);
        return found;
      },
      isUnavailable: (error) => error instanceof StoreUnavailable || error instanceof Unavailable,
      ended: (by, reason) => {
        this.#metrics.count("clientsEnded", { door, why: by, ...carried });
        const about = { remote: channel.remote, door, peer: joined.server, by, why: reason };
        options.log.debug(about, "ended");
        if (faults.has(by)) this.#note(by);
        if (isRefusal(by)) refusals.tell({ by, why: reason, remote: channel.remote, dialect });
        this.#clients.delete(client);
        this.#counts.add({ door, ...carried }, -1);
        this.#occupancy.leave(address);
        if (joined.server !== null) this.#count(door, joined.server, -1);
      },
      closed: () => {
        this.#unclosedCount -= 1;
      },
      failed: options.failed,
    });
    this.#clients.set(client, joined);
    this.#counts.add({ door, ...carried }, 1);
  }

  /**
   * Takes nobody new; whoever is connected goes on until it ends by itself, which nobody else can do for it. Resolves when
   * the last one has, or `withinMs` later, or when it is stopped.
   */
  async drain(withinMs: number): Promise<void> {
    if (this.#phase !== "up") return;
    this.#phase = "draining";
    this.#occupancy.close();
    await drained({
      ...this.#options,
      ...{ withinMs, tellEveryMs: tellDrainMs },
      left: () => ({ connections: this.clientCount }),
      over: () => (this.#phase === "stopped" ? "stopped" : this.clientCount === 0 ? "empty" : null),
    });
  }

  /** Ends every connection. Resolves once what was sent before has arrived, or whoever does not read it was cut off. */
  async stop(): Promise<void> {
    this.#phase = "stopped";
    this.#occupancy.close();
    this.#stopTicking();
    this.#tell();
    this.#servers.stop();
    for (const client of [...this.#clients.keys()]) client.end("stopping", "the gateway stops");
    while (this.#unclosedCount > 0) await delay(this.#options.clock, lookClosedMs);
  }

  async #find(sought: Sought): Promise<Found | null> {
    const { clock, unreachedMs } = this.#options;
    const { door, accountId, isWanted } = sought;
    const startedMs = clock.nowMs();
    let found: Found | null = null;
    for (;;) {
      const isLast = clock.nowMs() - startedMs >= unreachedMs;
      const owner = accountId === null ? null : await this.#ownerOf(accountId);
      found = await this.#connect(sought, owner, owner !== null && !isLast);
      if (found !== null || isLast) break;
      if (!isWanted()) return null;
      // It may be on its way back, or be there and not yet on the list.
      await delay(clock, lookAgainMs);
      await this.#servers.look();
    }
    const outcome = found === null ? "nobody" : found.route.isOwner ? "owner" : "any";
    this.#metrics.count("gatewayRoutes", { door, outcome });
    this.#metrics.observe("gatewayRouteSeconds", { door }, (clock.nowMs() - startedMs) / 1_000);
    return found;
  }

  /** Rejects with `StoreUnavailable`. */
  async #ownerOf(accountId: number): Promise<string | null> {
    const key = characterLockKey(accountId);
    const { lock } = await this.#options.locks.load(key);
    return lock === null ? null : mapServerOf(readLock<CharacterLock>(key, lock.value, isCharacterLock));
  }

  async #connect(
    { door, dialect, preface }: Sought,
    owner: string | null,
    isOwnerOnly: boolean,
  ): Promise<Found | null> {
    const { world, connect } = this.#options;
    const { servers } = this.#servers;
    const joinedTo = (server: string): number => this.#joinedTo.get(`${door} ${server}`) ?? 0;
    for (const route of routes({ door, dialect, world, owner, servers, joinedTo })) {
      if (isOwnerOnly && !route.isOwner) continue;
      // Counted before it is there: of many that come at once each has to see the others.
      this.#count(door, route.server, 1);
      try {
        return { channel: await connect(route, preface), route };
      } catch (error) {
        this.#count(door, route.server, -1);
        if (!(error instanceof ConnectFailed)) throw error;
        this.#metrics.count("gatewayUnreached", { door });
        this.#note(`${route.server} does not take connections (${error.message})`);
      }
    }
    return null;
  }

  /**
   * While a client does not read, its server is not read either: so it is not heard that the server, for the same reason,
   * has long ended the connection.
   */
  #endStuck(): void {
    const { clock, unreadMs } = this.#options;
    for (const client of [...this.#clients.keys()])
      if (client.stuckMs(clock.nowMs()) >= unreadMs)
        client.end("not-reading", "reads nothing of what it is sent");
  }

  /** A machine that is gone from one moment to the next closes nothing: its servers fall silent, and off the list. */
  #endGone(): void {
    const { clock, goneMs } = this.#options;
    if (!this.#servers.isTold) return;
    const listed = new Set(this.#servers.servers.map(({ kind, name }) => `${kind} ${name}`));
    for (const [client, { door, server }] of this.#clients) {
      if (server === null || listed.has(`${door} ${server}`) || clock.nowMs() - client.heardMs < goneMs)
        continue;
      client.end("server-gone", "the server is off the list, and silent");
    }
  }

  /** Names are of one kind of server: a char- and a map-server may have the same. */
  #count(door: GatewayDoorName, server: string, by: 1 | -1): void {
    const counted = `${door} ${server}`;
    const count = (this.#joinedTo.get(counted) ?? 0) + by;
    if (count === 0) this.#joinedTo.delete(counted);
    else this.#joinedTo.set(counted, count);
  }

  #note(what: string): void {
    this.#untold.set(what, (this.#untold.get(what) ?? 0) + 1);
  }

  /** Once for many: a flood of connections must not become one of log lines. */
  #tell(): void {
    for (const [why, connections] of this.#untold)
      this.#options.log.warn({ why, connections }, "connections that came to nothing");
    this.#untold = new Map();
  }
}

type Address = GatewayDoor["address"];

function headerFor(remote: string, { host, port }: Address): Uint8Array {
  const colon = remote.lastIndexOf(":");
  return encodeProxyHeader({
    source: { host: remote.slice(0, colon), port: Number(remote.slice(colon + 1)) },
    // A door may be named where an address is wanted, and nobody asks for this one.
    destination: { host: isIP(host) === 0 ? "0.0.0.0" : host, port },
  });
}
