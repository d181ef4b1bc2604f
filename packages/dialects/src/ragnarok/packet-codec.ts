import { entriesOf, WireError } from "@sallyport/wire";
import { type CodePage, codePages, usualCodePage } from "./code-page.ts";
import { type Fields, readFields, sizeOfFields, valueFor, writeFields } from "./field.ts";
import {
  type GivenOf,
  headerBytes,
  isSpokenIn,
  opcodeBytes,
  type PacketOf,
  type PacketTable,
  type PacketVersion,
} from "./packet-table.ts";

/** Maximum size of a packet from a client. Real clients send shorter packets. */
export const clientPacketBytesMax = 1_024;

interface Known {
  readonly type: string;
  readonly version: PacketVersion;
  /** True for a packet that no handler reads. Only its length is known. */
  readonly isPassedOver: boolean;
}

export interface PacketsRead<T extends PacketTable> {
  readonly packets: readonly PacketOf<T>[];
  /** Names of known packets that no handler reads. */
  readonly passedOver: readonly string[];
}

/** The packets that clients of one PACKETVER can send to one door. The key is the opcode. */
export class PacketIndex<T extends PacketTable> {
  readonly #known = new Map<number, Known>();

  constructor(heard: T, passedOver: PacketTable, packetVer: number) {
    this.#add(heard, packetVer, false);
    this.#add(passedOver, packetVer, true);
  }

  #add(table: PacketTable, packetVer: number, isPassedOver: boolean): void {
    for (const [type, { versions }] of Object.entries(table)) {
      for (const version of versions) {
        if (version.opcode === null || !isSpokenIn(version, packetVer)) continue;
        const taken = this.#known.get(version.opcode);
        if (taken !== undefined) throw new TypeError(`${type} has the opcode of ${taken.type}`);
        this.#known.set(version.opcode, { type, version, isPassedOver });
      }
    }
  }

  find(opcode: number): Known | undefined {
    return this.#known.get(opcode);
  }
}

/** Cuts the bytes of a connection into packets. Keeps at most one unfinished packet. */
export class PacketReader<T extends PacketTable> {
  readonly #index: PacketIndex<T>;
  readonly #codePage: CodePage;
  #held = new Uint8Array(0);
  #last = "the beginning";

  constructor(index: PacketIndex<T>, codePage = codePages[usualCodePage]) {
    this.#index = index;
    this.#codePage = codePage;
  }

  /** Number of bytes of an unfinished packet. */
  get heldBytes(): number {
    return this.#held.length;
  }

  push(chunk: Uint8Array): PacketsRead<T> {
    const packets: PacketOf<T>[] = [];
    const passedOver: string[] = [];
    const bytes = joined(this.#held, chunk);
    let at = 0;
    for (let cut = this.#cut(bytes); cut !== null; cut = this.#cut(bytes.subarray(at))) {
      const { type, version, isPassedOver, length } = cut;
      if (isPassedOver) passedOver.push(version.name ?? type);
      else {
        const packet = readPacket(type, version, bytes.subarray(at, at + length), this.#codePage);
        packets.push(packet as PacketOf<T>);
      }
      this.#last = type;
      at += length;
    }
    // Copy the bytes: a view would keep the whole chunk in memory.
    this.#held = bytes.slice(at);
    return { packets, passedOver };
  }

  #cut(bytes: Uint8Array): CutPacket | null {
    return cutPacket(this.#index, bytes, this.#last);
  }
}

export interface CutPacket extends Known {
  readonly length: number;
}

/**
 * Finds the first packet of these bytes. Returns null if the packet is not complete. `after` is the name of
 * the previous packet. It is used in the text of a `WireError`.
 */
export function cutPacket<T extends PacketTable>(
  index: PacketIndex<T>,
  bytes: Uint8Array,
  after: string,
): CutPacket | null {
  if (bytes.length < opcodeBytes) return null;
  const known = index.find(u16At(bytes, 0));
  // The length depends on the opcode. So nothing after an unknown opcode can be read.
  if (known === undefined) throw new WireError(`after ${after}`, "unknown opcode");
  const length = lengthOf(known.version, bytes, after);
  return length === null || bytes.length < length ? null : { ...known, length };
}

function lengthOf(version: PacketVersion, bytes: Uint8Array, after: string): number | null {
  if (version.length !== "variable") return version.length;
  if (bytes.length < headerBytes(version)) return null;
  const length = u16At(bytes, opcodeBytes);
  if (length < headerBytes(version) + sizeOfFields(version.fields)) {
    throw new WireError(`after ${after}`, "shorter than its fields");
  }
  if (length > clientPacketBytesMax) throw new WireError(`after ${after}`, "longer than allowed");
  return length;
}

function u16At(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

export function readPacket(
  type: string,
  version: PacketVersion,
  bytes: Uint8Array,
  codePage = codePages[usualCodePage],
): object {
  return { type, ...readFields(version.fields, bytes.subarray(headerBytes(version)), codePage) };
}

export function writePacket(
  version: PacketVersion,
  given: object,
  codePage = codePages[usualCodePage],
): Uint8Array {
  const { fields } = version;
  const bytes = new Uint8Array(
    headerBytes(version) + sizeOfFields(fields) + restSize(fields, given, codePage),
  );
  const view = new DataView(bytes.buffer);
  if (version.opcode !== null) view.setUint16(0, version.opcode, true);
  if (version.length === "variable") view.setUint16(opcodeBytes, bytes.length, true);
  writeFields(fields, given, bytes.subarray(headerBytes(version)), codePage);
  return bytes;
}

function restSize(fields: Fields, given: object, codePage: CodePage): number {
  let sum = 0;
  for (const [name, each] of entriesOf(fields)) {
    if (each.size === "rest") sum += each.sizeOf(valueFor(name, each, given), codePage);
  }
  return sum;
}

export class PacketWriter<T extends PacketTable> {
  readonly #versions = new Map<keyof T, PacketVersion>();
  readonly #codePage: CodePage;

  constructor(table: T, packetVer: number, codePage = codePages[usualCodePage]) {
    this.#codePage = codePage;
    for (const [type, { versions }] of Object.entries(table)) {
      const spoken = versions.filter((version) => isSpokenIn(version, packetVer));
      if (spoken.length > 1) throw new TypeError(`${type} could be written in two ways`);
      if (spoken[0] !== undefined) this.#versions.set(type, spoken[0]);
    }
  }

  /** Encodes a packet. Returns no bytes if clients of this PACKETVER do not know the packet. */
  write<N extends keyof T>(type: N, given: GivenOf<T, N>): Uint8Array[] {
    const version = this.#versions.get(type);
    return version === undefined ? [] : [writePacket(version, given as object, this.#codePage)];
  }
}
