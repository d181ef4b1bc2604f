import { type Fields, type GivenFor, sizeOfFields, type ValuesOf } from "./field.ts";

/**
 * A packet has one meaning, and one version for each layout that it had over the years. PACKETVER, the date
 * of the client program, selects the version: see `profiles.ts`. Handlers see the same fields in all
 * versions, so a new version is only a new row.
 */

export interface PacketVersion {
  /** The first PACKETVER with this layout. */
  readonly since?: number;
  /** The first PACKETVER in which the opcode has a new meaning. */
  readonly until?: number;
  /** The Ragnarok name of this version, if it differs from the name of the packet. */
  readonly name?: string;
  /** Null if the packet has no opcode. */
  readonly opcode: number | null;
  /**
   * The length in bytes, including the opcode. If it is `variable`, the two bytes after the opcode contain
   * the length (u16).
   */
  readonly length: number | "variable";
  readonly fields: Fields;
}

export interface Packet {
  readonly doc: string;
  readonly versions: readonly PacketVersion[];
}

/** Packets by their Ragnarok names. */
export type PacketTable = { readonly [name: string]: Packet };

type FieldsIn<P extends Packet> = P["versions"][number]["fields"];
type OfEach<F extends Fields> = F extends Fields ? (given: GivenFor<F>) => void : never;
/** The values that are needed to write any version of the packet. */
export type GivenOf<T extends PacketTable, N extends keyof T> =
  OfEach<FieldsIn<T[N]>> extends (given: infer G) => void ? G : never;
type ReadFrom<F extends Fields> = F extends Fields ? ValuesOf<F> : never;
export type PacketOf<T extends PacketTable> = {
  [N in keyof T & string]: { readonly type: N } & ReadFrom<FieldsIn<T[N]>>;
}[keyof T & string];

export const opcodeBytes = 2;
const lengthBytes = 2;

export function headerBytes({ opcode, length }: PacketVersion): number {
  return (opcode === null ? 0 : opcodeBytes) + (length === "variable" ? lengthBytes : 0);
}

/** Throws if the fields of a version do not add up to its length. */
export function definePackets<const T extends PacketTable>(table: T): T {
  for (const [name, { versions }] of Object.entries(table)) {
    for (const version of versions) checkLength(name, version);
  }
  return table;
}

function checkLength(name: string, version: PacketVersion): void {
  const bytes = headerBytes(version) + sizeOfFields(version.fields);
  const sizes = Object.values(version.fields).map(({ size }) => size);
  const wrong =
    version.length === "variable"
      ? sizes.slice(0, -1).includes("rest")
      : bytes !== version.length || sizes.includes("rest");
  if (wrong) throw new TypeError(`${name}: the fields make up ${bytes} bytes, not ${version.length}`);
}

export function isSpokenIn(
  { since = 0, until = Number.POSITIVE_INFINITY }: PacketVersion,
  packetVer: number,
): boolean {
  return since <= packetVer && packetVer < until;
}

/** Returns the newest PACKETVER, at most the given one, in which the layout of every packet is known. */
export function wholePacketVer(tables: readonly PacketTable[], packetVer: number): number {
  const packets = tables.flatMap((table) => Object.values(table));
  const older = packets.flatMap(({ versions }) => {
    const isBetween =
      !versions.some((version) => isSpokenIn(version, packetVer)) &&
      versions.some(({ since = 0 }) => since > packetVer);
    const ends = versions.flatMap(({ until = 0 }) => (0 < until && until <= packetVer ? [until - 1] : []));
    return isBetween && ends.length > 0 ? [Math.max(...ends)] : [];
  });
  return older.length === 0 ? packetVer : wholePacketVer(tables, Math.min(...older));
}
