import { delay, retry } from "@sallyport/clock";
import type { Directory } from "@sallyport/directory";
import type { ByteChannel } from "@sallyport/link";
import { addressOf, Newcomers, proxyHeaderFor } from "@sallyport/link/addresses";
import { ConnectFailed } from "@sallyport/link/tcp";
import { type CharacterLock, characterLockKey, isCharacterLock } from "@sallyport/lock-core";
import { type LockReader, readLock } from "@sallyport/lock-store";
import {
  drained,
  type Host,
  isRefusal,
  LabelledCounts,
  type LabelsOf,
  Occupancy,
  Refusals,
} from "@sallyport/server-kit";
import type { Connect } from "./connect.ts";
import { type EndedBy, type Found, JoinedClient } from "./joined-client.ts";
import type { Peek } from "./peek.ts";
import { mapServerOf, type RouteQuery, routes, serversOf } from "./route.ts";
import { ServersUp } from "./servers-up.ts";

/**
 * A gateway is one public door for many servers. At the map door, the first bytes of a client name an
 * account. The gateway finds the account's character in the lock store, and connects the client to the
 * map-server that has this character. After that, the gateway only copies bytes. The gateway makes no
 * decisions and changes no lock: if a client reaches a wrong server, that server refuses the client.
 */

export type GatewayDoorName = RouteQuery["door"];

export interface GatewayBounds {
  readonly clientsMax: number;
  readonly clientsPerAddressMax: number;
  readonly firstCommandMs: number;
  readonly newcomersMax: number;
  readonly newcomersPerAddressMax: number;
  readonly waitingBytesMax: number;
  /**
   * A server that is no longer in the directory can be silent for this long. Then the gateway disconnects its
   * clients.
   */
  readonly goneMs: number;
  /** A client that reads none of its waiting bytes for this long is disconnected. */
  readonly unreadMs: number;
  /** How long the gateway continues to look for a server that is unreachable or unknown. */
  readonly unreachedMs: number;
}

export interface GatewayOptions {
  readonly world: string;
  readonly bounds: GatewayBounds;
  readonly sendProxy: boolean;
  readonly directory: Pick<Directory, "list">;
  readonly locks: Pick<LockReader, "load">;
  readonly connect: Connect;
}

/** A public door: its protocol, and the kind of servers behind it. */
export interface GatewayDoor {
  readonly door: GatewayDoorName;
  readonly dialect: string;
  readonly peek: Peek;
  readonly address: { readonly host: string; readonly port: number };
}

/**
 * Describes a client that needs a server. `preface` is the PROXY header, which tells the server the address
 * of the client.
 */
interface Sought {
  readonly door: GatewayDoorName;
  readonly dialect: string;
  readonly accountId: number | null;
  readonly preface: Uint8Array | null;
  readonly isWanted: () => boolean;
}

interface Joined {
  readonly door: GatewayDoorName;
  server: string | null;
}

const tickMs = 1_000;
const lookAgainMs = 200;
const tellDrainMs = 10_000;
const lookClosedMs = 20;

/**
 * Neither the client nor the server wanted to end the connection in these cases. The log shows how many
 * connections ended for each reason.
 */
const faults: ReadonlySet<EndedBy> = new Set([
  "nonsense",
  "not-reading",
  "no-server",
  "server-gone",
  "unavailable",
] satisfies EndedBy[]);

export class Gateway {
  readonly #host: Host;
  readonly #options: GatewayOptions;
  readonly #servers: ServersUp;
  readonly #newcomers: Newcomers;
  readonly #occupancy: Occupancy;
  readonly #clients = new Map<JoinedClient, Joined>();
  readonly #counts = new LabelledCounts<LabelsOf<"clients">>();
  /**
   * Number of clients whose connection is still open. This number includes clients whose visit is already
   * over.
   */
  #unclosedCount = 0;
  #phase: "up" | "draining" | "stopped" = "up";
  readonly #joinedTo = new Map<string, number>();
  readonly #stopTicking: () => void;
  readonly #refusals: { readonly [D in GatewayDoorName]: Refusals };
  /** Number of failed connections since the last log line, for each reason. */
  #untold = new Map<string, number>();

  constructor(host: Host, options: GatewayOptions) {
    const { clock, metrics } = host;
    const { bounds } = options;
    this.#host = host;
    this.#options = options;
    const refusalsAt = (door: GatewayDoorName) => new Refusals(host, { at: "gateway", door });
    this.#refusals = { login: refusalsAt("login"), char: refusalsAt("char"), map: refusalsAt("map") };
    this.#servers = new ServersUp(host, options.directory);
    const newcomerBounds = {
      withinMs: bounds.firstCommandMs,
      countMax: bounds.newcomersMax,
      perAddressMax: bounds.newcomersPerAddressMax,
    };
    this.#newcomers = new Newcomers(newcomerBounds, clock);
    this.#occupancy = new Occupancy(bounds);
    metrics.watchEach("clients", () => this.#counts);
    metrics.watch("gatewayWaitingBytes", {}, () => this.waitingBytes);
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

  get waitingBytes(): number {
    let bytes = 0;
    for (const client of this.#clients.keys()) bytes += client.waitingBytes;
    return bytes;
  }

  hasServer(door: GatewayDoorName): boolean {
    return serversOf(door, this.#options.world, this.#servers.servers).length > 0;
  }

  /** Asks the directory which servers are up. Resolves even if the directory does not answer. */
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
    const { metrics, log } = this.#host;
    metrics.count("clientsAccepted", { door, ...carried });
    const { bounds, sendProxy } = this.#options;
    const joined: Joined = { door, server: null };
    this.#unclosedCount += 1;
    const client = new JoinedClient(this.#host, channel, {
      newcomers: this.#newcomers,
      address,
      peek,
      waitingBytesMax: bounds.waitingBytesMax,
      find: async (accountId, isWanted) => {
        const preface = sendProxy ? proxyHeaderFor(channel.remote, at) : null;
        const found = await this.#find({ door, dialect, accountId, preface, isWanted });
        joined.server = found?.route.server ?? null;
        // If the client disconnected during the search, `ended` did not know the server yet. So the
        // connection is subtracted here.
        if (joined.server !== null && !this.#clients.has(client)) this.#count(door, joined.server, -1);
        return found;
      },
      ended: (by, reason) => {
        metrics.count("clientsEnded", { door, why: by, ...carried });
        const about = { remote: channel.remote, door, peer: joined.server, by, why: reason };
        log.debug(about, "connection ended");
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
    });
    this.#clients.set(client, joined);
    this.#counts.add({ door, ...carried }, 1);
  }

  /**
   * Stops accepting clients. Connected clients stay, because the gateway cannot move them to another gateway.
   * Resolves when no client is connected, after `withinMs`, or when the gateway is stopped.
   */
  async drain(withinMs: number): Promise<void> {
    if (this.#phase !== "up") return;
    this.#phase = "draining";
    this.#occupancy.close();
    await drained(this.#host, {
      ...{ withinMs, tellEveryMs: tellDrainMs },
      left: () => ({ connections: this.clientCount }),
      over: () => (this.#phase === "stopped" ? "stopped" : this.clientCount === 0 ? "empty" : null),
    });
  }

  /**
   * Ends every connection, and resolves when all are closed. Bytes that were already sent are still
   * delivered, unless the receiver reads too slowly.
   */
  async stop(): Promise<void> {
    this.#phase = "stopped";
    this.#occupancy.close();
    this.#stopTicking();
    this.#tell();
    this.#servers.stop();
    for (const client of [...this.#clients.keys()]) client.end("stopping", "the gateway stops");
    while (this.#unclosedCount > 0) await delay(this.#host.clock, lookClosedMs);
  }

  async #find(sought: Sought): Promise<Found | null> {
    const { clock, metrics } = this.#host;
    const { unreachedMs } = this.#options.bounds;
    const { door, accountId, isWanted } = sought;
    const startedMs = clock.nowMs();
    let isLast = false;
    const ask = async (tries: number): Promise<Found | null> => {
      // Ask the directory again. The server may be restarting, or may be up but not in the last list.
      if (tries > 1) await this.#servers.look();
      isLast = clock.nowMs() - startedMs >= unreachedMs;
      const owner = accountId === null ? null : await this.#ownerOf(accountId);
      return this.#connect(sought, owner, owner !== null && !isLast);
    };
    const found = await retry(clock, ask, (found) =>
      found !== null || isLast || !isWanted() ? null : lookAgainMs,
    );
    if (found === null && !isLast) return null;
    const outcome = found === null ? "nobody" : found.route.isOwner ? "owner" : "any";
    metrics.count("gatewayRoutes", { door, outcome });
    metrics.observe("gatewayRouteSeconds", { door }, (clock.nowMs() - startedMs) / 1_000);
    return found;
  }

  /** Returns the map-server that has the character of the account, or null. Rejects with `Unavailable`. */
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
      // Count the connection before it is open. Otherwise all clients that arrive at the same moment would
      // get the same server.
      this.#count(door, route.server, 1);
      try {
        return { channel: await connect(route, preface), route };
      } catch (error) {
        this.#count(door, route.server, -1);
        if (!(error instanceof ConnectFailed)) throw error;
        this.#host.metrics.count("gatewayUnreached", { door });
        this.#note(`${route.server} does not take connections (${error.message})`);
      }
    }
    return null;
  }

  /**
   * Disconnects clients that do not read. The gateway does not read from the server of such a client, and so
   * would not notice that the server has closed the connection.
   */
  #endStuck(): void {
    const { clock } = this.#host;
    const { unreadMs } = this.#options.bounds;
    for (const client of [...this.#clients.keys()])
      if (client.stuckMs(clock.nowMs()) >= unreadMs)
        client.end("not-reading", "does not read the data sent to it");
  }

  /**
   * Disconnects clients whose server is silent and no longer in the directory. A machine that fails suddenly
   * does not close its connections.
   */
  #endGone(): void {
    const { clock } = this.#host;
    const { goneMs } = this.#options.bounds;
    if (!this.#servers.isTold) return;
    const listed = new Set(this.#servers.servers.map(({ kind, name }) => `${kind} ${name}`));
    for (const [client, { door, server }] of this.#clients) {
      if (server === null || listed.has(`${door} ${server}`) || clock.nowMs() - client.heardMs < goneMs)
        continue;
      client.end("server-gone", "the server left the list of servers and is silent");
    }
  }

  /** A login-server and a map-server can have the same name, so the key contains the door. */
  #count(door: GatewayDoorName, server: string, by: 1 | -1): void {
    const counted = `${door} ${server}`;
    const count = (this.#joinedTo.get(counted) ?? 0) + by;
    if (count === 0) this.#joinedTo.delete(counted);
    else this.#joinedTo.set(counted, count);
  }

  #note(what: string): void {
    this.#untold.set(what, (this.#untold.get(what) ?? 0) + 1);
  }

  /** Writes one line for many connections, so that a flood of connections does not flood the log. */
  #tell(): void {
    for (const [why, connections] of this.#untold)
      this.#host.log.warn({ why, connections }, "connections failed");
    this.#untold = new Map();
  }
}
