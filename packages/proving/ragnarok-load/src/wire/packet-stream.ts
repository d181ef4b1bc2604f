import { Fields } from "./fields.ts";
import type { Door, Row, SaidLength, ServerPacket } from "./server-packets.ts";

/** The kinds of mistakes in packets from a server. */
export const protocolFaults = [
  "unknown-opcode",
  "wrong-length",
  "wrong-door",
  "truncated",
  "account-id",
  "text",
  "unit-unknown",
  "unit-twice",
  "unit-too-early",
  "own-unit",
  "no-cell",
  "too-far",
  "time-backwards",
  "time-unanswered",
  "hop-in-vain",
] as const;
export type ProtocolFault = (typeof protocolFaults)[number];

/** One item that was read from a connection. `offset` is the number of bytes before this item. */
export type Item = { readonly offset: number } & (
  | {
      readonly kind: "packet";
      readonly opcode: number;
      readonly length: number;
      readonly packet: ServerPacket;
    }
  | { readonly kind: "passed-over"; readonly opcode: number; readonly length: number }
  | { readonly kind: "account-id"; readonly accountId: number }
  | { readonly kind: "fault"; readonly fault: ProtocolFault; readonly detail: string }
);

/** A server may send the bare account id as the first four bytes of a connection. */
export interface FirstBytes {
  /** `if-own`: skip the bytes if they are the account id. `always`: skip them in any case. */
  readonly eat: "never" | "if-own" | "always";
  readonly accountId: number;
}

export interface PacketStreamOptions {
  readonly door: Door;
  readonly rows: ReadonlyMap<number, Row>;
  /**
   * The client skips packets with these opcodes. Each value is the length of the packet, or -1 if the packet
   * contains its length.
   */
  readonly passedOver?: ReadonlyMap<number, number>;
  readonly firstBytes: FirstBytes;
}

const accountIdBytes = 4;
const hex = (opcode: number): string => opcode.toString(16).padStart(4, "0");

/**
 * Cuts the bytes of one connection into packets. The bytes may arrive in any chunks. After bytes that make no
 * sense, this class stops reading.
 */
export class PacketStream {
  readonly #options: PacketStreamOptions;
  #rest: Buffer = Buffer.alloc(0);
  #offset = 0;
  #isFirst: boolean;
  #isBroken = false;

  constructor(options: PacketStreamOptions) {
    this.#options = options;
    this.#isFirst = options.firstBytes.eat !== "never";
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  push(chunk: Buffer): Item[] {
    if (this.#isBroken) return [];
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const items: Item[] = [];
    if (this.#isFirst && !this.#takeAccountId(items)) return items;
    while (!this.#isBroken && this.#takePacket(items));
    return items;
  }

  /**
   * Call this at the end of the connection. Returns a fault if bytes of an unfinished packet are left over.
   */
  end(): Item[] {
    if (this.#isBroken || this.#rest.length === 0) return [];
    this.#isBroken = true;
    const start = this.#rest.subarray(0, 16).toString("hex");
    return [this.#fault("truncated", `${this.#rest.length} bytes are left: ${start}`)];
  }

  /** Returns false if more bytes are needed to know whether the account id is there. */
  #takeAccountId(items: Item[]): boolean {
    const { eat, accountId } = this.#options.firstBytes;
    const own = Buffer.alloc(accountIdBytes);
    own.writeUInt32LE(accountId);
    const start = this.#rest.subarray(0, accountIdBytes);
    const couldBeOwn = start.equals(own.subarray(0, start.length));
    if (eat === "always" || couldBeOwn) {
      if (start.length < accountIdBytes) return false;
      const echoed = start.readUInt32LE();
      items.push({ kind: "account-id", offset: this.#offset, accountId: echoed });
      if (!couldBeOwn) items.push(this.#fault("account-id", `${echoed} instead of ${accountId}`));
      this.#skip(accountIdBytes);
    }
    this.#isFirst = false;
    return true;
  }

  #takePacket(items: Item[]): boolean {
    if (this.#rest.length < 2) return false;
    const opcode = this.#rest.readUInt16LE();
    const row = this.#options.rows.get(opcode);
    const lengthSaid = row?.length ?? this.#passedOver(opcode);
    if (lengthSaid === undefined) {
      const bytes = this.#rest.subarray(0, 16).toString("hex");
      items.push(this.#break("unknown-opcode", `${hex(opcode)} at the ${this.#options.door} door: ${bytes}`));
      return false;
    }
    const length = this.#lengthOf(opcode, lengthSaid, items);
    if (length === null || this.#rest.length < length) return false;
    items.push(...this.#read(opcode, length, row));
    this.#skip(length);
    return true;
  }

  #passedOver(opcode: number): number | SaidLength | undefined {
    const length = this.#options.passedOver?.get(opcode);
    return length === -1 ? { least: 4, each: 1 } : length;
  }

  #lengthOf(opcode: number, length: number | SaidLength, items: Item[]): number | null {
    if (typeof length === "number") return length;
    if (this.#rest.length < 4) return null;
    const told = this.#rest.readUInt16LE(2);
    const more = told - length.least;
    if (more === 0 || (more > 0 && length.each > 0 && more % length.each === 0)) return told;
    items.push(this.#break("wrong-length", `${hex(opcode)} says ${told}`));
    return null;
  }

  #read(opcode: number, length: number, row: Row | undefined): Item[] {
    const offset = this.#offset;
    if (row === undefined) return [{ kind: "passed-over", offset, opcode, length }];
    const fields = new Fields(Buffer.from(this.#rest.subarray(0, length)));
    const packet = { type: row.type, ...row.read(fields) } as ServerPacket;
    const read: Item[] = [{ kind: "packet", offset, opcode, length, packet }];
    const { door } = this.#options;
    if (!row.doors.includes(door)) read.push(this.#fault("wrong-door", `${row.type} at the ${door} door`));
    for (const complaint of fields.complaints) read.push(this.#fault("text", `${row.type}: ${complaint}`));
    return read;
  }

  #skip(bytes: number): void {
    this.#rest = this.#rest.subarray(bytes);
    this.#offset += bytes;
  }

  #break(fault: ProtocolFault, detail: string): Item {
    this.#isBroken = true;
    return this.#fault(fault, detail);
  }

  #fault(fault: ProtocolFault, detail: string): Item {
    return { kind: "fault", offset: this.#offset, fault, detail };
  }
}
