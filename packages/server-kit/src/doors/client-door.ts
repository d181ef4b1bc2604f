import type { Dialect } from "@sallyport/dialects";
import type { DoorVocabulary } from "@sallyport/domain";
import type { ByteChannel } from "@sallyport/link";
import { addressOf, Newcomers } from "@sallyport/link/addresses";
import type { Host } from "../running/host.ts";
import { LabelledCounts, type LabelsOf } from "../telemetry/metrics.ts";
import type { BanList } from "./ban-list.ts";
import type { Client, EndedBy, Visit } from "./client.ts";
import type { ClientBounds } from "./client-bounds.ts";
import { ConnectedClient } from "./connected-client.ts";
import { Occupancy } from "./occupancy.ts";
import { type DoorName, isRefusal, Refusals } from "./refusals.ts";

export { type Client, closesWithinMs, introducedAs, originOf, type Visit } from "./client.ts";
export type { ClientBounds } from "./client-bounds.ts";

/**
 * A door accepts clients of any dialect. It handles the commands of each client in order, one at a time. A
 * client loses its connection if it sends nonsense, is silent or does not read. No other client is affected.
 */

export interface ClientDoorOptions<D extends DoorVocabulary> {
  readonly door: DoorName;
  readonly bounds: ClientBounds;
  /** Absent: no address and no device is banned. */
  readonly bans?: BanList;
  readonly welcome: (client: Client<D>) => Visit<D>;
}

export const tickMs = 1_000;

/**
 * Neither the client nor the server wanted to end the connection in these cases. The log shows how many
 * connections ended for each reason.
 */
const faults: ReadonlySet<EndedBy> = new Set([
  "silence",
  "version",
  "nonsense",
  "not-reading",
  "too-fast",
] satisfies EndedBy[]);

export class ClientDoor<D extends DoorVocabulary> {
  readonly #host: Host;
  readonly #options: ClientDoorOptions<D>;
  readonly #clients = new Set<ConnectedClient<D>>();
  /** Number of connected clients of each dialect. */
  readonly #ofDialect = new Map<string, number>();
  readonly #counts = new LabelledCounts<LabelsOf<"clients">>();
  readonly #stopTicking: () => void;
  readonly #newcomers: Newcomers;
  readonly #occupancy: Occupancy;
  readonly #refusals: Refusals;
  /** Number of disconnected clients since the last log line, for each reason. */
  #thrownOut = new Map<EndedBy, number>();

  constructor(host: Host, options: ClientDoorOptions<D>) {
    this.#host = host;
    this.#options = options;
    this.#newcomers = new Newcomers(newcomerBounds(options.bounds), host.clock);
    this.#occupancy = new Occupancy(options.bounds);
    this.#refusals = new Refusals(host, { door: options.door });
    host.metrics.watchEach("clients", () => this.#counts);
    this.#stopTicking = host.clock.every(tickMs, () => {
      for (const client of this.#clients) client.tick();
      this.#tell();
    });
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  accept(channel: ByteChannel, dialect: Dialect<D>): void {
    const { metrics } = this.#host;
    const { door, bounds, bans = null, welcome } = this.#options;
    const carried = { transport: channel.transport, dialect: dialect.name };
    const address = addressOf(channel.remote);
    const ofDialect = this.#ofDialect.get(dialect.name) ?? 0;
    const isFull = ofDialect >= (dialect.clientsMax ?? Number.POSITIVE_INFINITY);
    const by = isFull ? "dialect-full" : this.#occupancy.enter(address);
    if (by !== null) {
      this.#refusals.refuse({ by, remote: channel.remote, dialect: dialect.name });
      channel.destroy();
      return;
    }
    metrics.count("clientsAccepted", { door, ...carried });
    this.#ofDialect.set(dialect.name, ofDialect + 1);
    const removed = (by: EndedBy, why: string): void => {
      metrics.count("clientsEnded", { door, why: by, ...carried });
      if (isRefusal(by)) this.#refusals.tell({ by, why, remote: channel.remote, dialect: dialect.name });
      if (faults.has(by)) this.#thrownOut.set(by, (this.#thrownOut.get(by) ?? 0) + 1);
      this.#clients.delete(client);
      this.#counts.add({ door, ...carried }, -1);
      this.#occupancy.leave(address);
      this.#ofDialect.set(dialect.name, (this.#ofDialect.get(dialect.name) ?? 1) - 1);
    };
    const newcomers = this.#newcomers;
    const options = { channel, address, dialect, door, bounds, bans, newcomers, welcome, removed };
    const client = new ConnectedClient<D>(this.#host, options);
    this.#clients.add(client);
    this.#counts.add({ door, ...carried }, 1);
  }

  /** Writes one line for many connections, so that a flood of connections does not flood the log. */
  #tell(): void {
    const { door } = this.#options;
    for (const [why, connections] of this.#thrownOut)
      this.#host.log.info({ door, why, connections }, "clients were disconnected");
    this.#thrownOut = new Map();
  }

  /** Call this after bans were added. Clients whose address or device is banned must leave. */
  putOutBanned(): void {
    for (const client of [...this.#clients]) client.putOutIfBanned();
  }

  /** Accepts no new clients. Connected clients stay connected. */
  close(): void {
    this.#occupancy.close();
  }

  /** Ends every connection. Clients still get the events that were already sent. */
  stop(why: string): void {
    this.close();
    this.#stopTicking();
    for (const client of [...this.#clients]) client.disconnect(why);
  }
}

const newcomerBounds = ({ firstCommandMs, newcomersMax, newcomersPerAddressMax }: ClientBounds) => ({
  withinMs: firstCommandMs,
  countMax: newcomersMax,
  perAddressMax: newcomersPerAddressMax,
});
