import { type Clock, type DoorAddress, systemClock } from "@sallyport/sdk";
import { type FirstBytes, type Item, PacketStream, type ProtocolFault } from "../wire/packet-stream.ts";
import { mainProfile, type Profile } from "../wire/profile.ts";
import { type Door, type PacketOf, type Row, type ServerPacket, serverRows } from "../wire/server-packets.ts";
import type { ClientOptions } from "./client-options.ts";
import { type ConnectionEvents, DoorConnection, Unreachable } from "./door-connection.ts";
import { type Entry, InVain, Journal } from "./journal.ts";
import type { Complaint } from "./units-seen.ts";

interface OpenLink {
  readonly door: Door;
  readonly number: number;
  readonly stream: PacketStream;
  readonly connection: DoorConnection;
}

export interface Fault {
  readonly door: Door;
  readonly fault: ProtocolFault;
  readonly detail: string;
}

export interface Question<Type extends ServerPacket["type"]> {
  readonly what: string;
  readonly types: readonly Type[];
  readonly isMeant?: (packet: PacketOf<Type>) => boolean;
  readonly withinMs?: number;
}

const faultsMax = 100;
const entriesMaxByDefault = 20_000;
const withinMsByDefault = 10_000;
const rowsOf = new Map<Profile, ReadonlyMap<number, Row>>();

function rowsByOpcode(profile: Profile): ReadonlyMap<number, Row> {
  const known = rowsOf.get(profile);
  if (known !== undefined) return known;
  const rows: readonly Row[] = serverRows(profile);
  const byOpcode = new Map(rows.map((row) => [row.opcode, row]));
  rowsOf.set(profile, byOpcode);
  return byOpcode;
}

/**
 * The connections of one client, one after another. This class sends and receives packets, and records them
 * in the journal.
 */
export abstract class ClientLinks {
  readonly journal: Journal;
  readonly faults: Fault[] = [];
  protected readonly options: ClientOptions;
  protected readonly profile: Profile;
  protected readonly clock: Clock;
  protected readonly withinMs: number;
  #link: OpenLink | null = null;
  #opened = 0;
  #closed = 0;
  #kickCode: number | null = null;

  protected constructor(options: ClientOptions) {
    this.options = options;
    this.profile = options.profile ?? mainProfile;
    this.clock = options.clock ?? systemClock;
    this.withinMs = options.withinMs ?? withinMsByDefault;
    this.journal = new Journal(this.clock, options.entriesMax ?? entriesMaxByDefault);
  }

  /** The door to which the client is connected. Null if it is not connected. */
  get door(): Door | null {
    return this.#link?.connection.isOpen === true ? this.#link.door : null;
  }

  /**
   * The code of the packet 0081 that the server sent on the last connection. Null if the server sent none.
   */
  get kickCode(): number | null {
    return this.#kickCode;
  }

  /** Closes the earlier connection and opens a new one. Sends nothing on the new connection. */
  async open(door: Door, address: DoorAddress): Promise<void> {
    const { mayGoTo = () => true } = this.options;
    void this.#link?.connection.close();
    this.onClosed();
    this.#kickCode = null;
    if (!mayGoTo(address.host)) throw new Unreachable(`${address.host} is another machine`);
    const stream = this.#streamFor(door);
    this.#opened += 1;
    const number = this.#opened;
    const { host, port } = address;
    const events: ConnectionEvents = {
      bytes: (chunk) => this.#hear({ door, number, stream, connection }, stream.push(chunk)),
      closed: (by, detail) => {
        if (by === "server") this.#hear({ door, number, stream, connection }, stream.end());
        if (this.#link?.number === number) this.onClosed();
        this.#closed = Math.max(this.#closed, number);
        this.journal.add({ kind: "closed", door, connection: number, by, detail });
      },
    };
    const connection = await DoorConnection.open(address, this.withinMs, events, this.options.from);
    this.#link = { door, number, stream, connection };
    this.journal.add({ kind: "opened", door, connection: number, host, port });
  }

  send(bytes: Buffer): void {
    this.#link?.connection.send(bytes);
  }

  /**
   * Sends the bytes, and waits for the first packet of these types. Rejects with `InVain` if the connection
   * ends first.
   */
  ask<Type extends ServerPacket["type"]>(bytes: Buffer, question: Question<Type>): Promise<PacketOf<Type>> {
    const { what, types, isMeant = () => true, withinMs = this.withinMs } = question;
    const link = this.#link;
    if (link === null || !link.connection.isOpen) {
      return Promise.reject(new InVain("closed", `${what}: no connection`));
    }
    const wanted: ReadonlySet<string> = new Set(types);
    const find = (entry: Entry): PacketOf<Type> | undefined => {
      if (entry.kind !== "packet" || entry.connection !== link.number) return undefined;
      const packet = entry.packet as PacketOf<Type>;
      return wanted.has(packet.type) && isMeant(packet) ? packet : undefined;
    };
    const gaveUp = (entry: Entry): string | null =>
      entry.connection === link.number ? whyOver(entry) : null;
    const answer = this.journal.next(find, { what, withinMs, gaveUp });
    link.connection.send(bytes);
    return answer;
  }

  /** Waits until the condition gives a value. The condition is checked again after each event. */
  until<Found>(what: string, condition: () => Found | undefined | null | false): Promise<Found> {
    return this.journal.until(condition, { what, withinMs: this.withinMs });
  }

  /** Waits until both ends have closed the connection, in any order. */
  async untilClosed(): Promise<void> {
    const number = this.#opened;
    await this.until("closed", () => this.#closed >= number);
  }

  /** Closes the connection with only a FIN, like a program that ends. */
  async leave(): Promise<void> {
    await this.#link?.connection.close();
  }

  /** Closes with a RST, like a machine that crashes. */
  abort(): void {
    this.#link?.connection.abort();
  }

  /** Handles a packet before any waiting call gets it. */
  protected abstract hear(packet: ServerPacket): readonly Complaint[];
  protected abstract onClosed(): void;
  protected abstract accountId(): number | null;

  protected complain(fault: ProtocolFault, detail: string): void {
    const link = this.#link;
    if (link === null) return;
    this.#note(link, { kind: "fault", offset: -1, fault, detail });
  }

  #streamFor(door: Door): PacketStream {
    const { manner = "openkore", passedOver } = this.options;
    const accountId = this.accountId();
    let eat: FirstBytes["eat"] = "never";
    if (accountId !== null && door === "char") eat = manner === "openkore" ? "if-own" : "always";
    if (accountId !== null && door === "map" && manner === "openkore") eat = "if-own";
    return new PacketStream({
      door,
      rows: rowsByOpcode(this.profile),
      firstBytes: { eat, accountId: accountId ?? 0 },
      ...(passedOver === undefined ? {} : { passedOver }),
    });
  }

  #hear(link: OpenLink, items: readonly Item[]): void {
    for (const item of items) {
      if (item.kind !== "packet") {
        this.#note(link, item);
        continue;
      }
      if (item.packet.type === "SC_NOTIFY_BAN") this.#kickCode = item.packet.code;
      const complaints = this.hear(item.packet);
      this.#note(link, item);
      for (const [fault, detail] of complaints) {
        this.#note(link, { kind: "fault", offset: item.offset, fault, detail });
      }
    }
    if (link.stream.isBroken) void link.connection.close();
  }

  #note({ door, number }: OpenLink, item: Item): void {
    if (item.kind === "fault") {
      if (this.options.tolerated?.has(item.fault)) return;
      if (this.faults.length < faultsMax) {
        this.faults.push({ door, fault: item.fault, detail: item.detail });
      }
    }
    this.journal.add({ ...item, door, connection: number });
  }
}

function whyOver(entry: Entry): string | null {
  if (entry.kind === "closed") return `closed by the ${entry.by}: ${entry.detail}`;
  if (entry.kind === "packet" && entry.packet.type === "SC_NOTIFY_BAN") return `0081 ${entry.packet.code}`;
  return null;
}
