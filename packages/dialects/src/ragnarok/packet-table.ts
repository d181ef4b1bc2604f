import { type Fields, type GivenFor, sizeOfFields, type ValuesOf } from "./field.ts";

/*
 * A packet is one meaning; its versions are the layouts that it had over the years. Which of them a client speaks is
 * a matter of its PACKETVER, the date of the client program: see `profiles.ts`. What a handler reads and writes is
 * the same in all versions, so a further one is a further row.
 */

export interface PacketVersion {
  /** PACKETVER with which it came. */
  readonly since?: number;
  /** PACKETVER from which its opcode meant something else. */
  readonly until?: number;
  /** The foreign name where a version has its own. */
  readonly name?: string;
  /** null: the fields alone, as nothing but their bytes. */
  readonly opcode: number | null;
  /** In bytes, opcode included. `variable`: a u16 after the opcode says it. */
  readonly length: number | "variable";
  readonly fields: Fields;
}

export interface Packet {
  readonly doc: string;
  readonly versions: readonly PacketVersion[];
}

/** Packets by their foreign names. */
export type PacketTable = { readonly [name: string]: Packet };

type FieldsIn<P extends Packet> = P["versions"][number]["fields"];
type OfEach<F extends Fields> = F extends Fields ? (given: GivenFor<F>) => void : never;
/** What every version of the packet takes. */
export type GivenOf<T extends PacketTable, N extends keyof T> =
  OfEach<FieldsIn<T[N]>> extends (given: infer G) => void ? G : never;
type ReadFrom<F extends Fields> = F extends Fields ? ValuesOf<F> : never;
export type PacketOf<T extends PacketTable> = {
  [N in keyof T & string]: { readonly type: N } & ReadFrom<FieldsIn<T[N]>>;
}[keyof T & string];

export const opcodeBytes = 2;
const lengthBytes = 2;

/** Bytes before the fields. */
export function headerBytes({ opcode, length }: PacketVersion): number {
  return (opcode === null ? 0 : opcodeBytes) + (length === "variable" ? lengthBytes : 0);
}

/** Fails as the table is loaded where the fields do not make up the length. */
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

/** The newest PACKETVER, this one or an older one, at which no packet is between two layouts that are known. */
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
