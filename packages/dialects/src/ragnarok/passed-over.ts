import { unused } from "./field.ts";
import { headerBytes, type Packet, type PacketVersion } from "./packet-table.ts";

type Span = Pick<PacketVersion, "since" | "until" | "name">;
type Length = PacketVersion["length"];

/** Defines a packet that no handler reads. Only its length is known. */
export function passedOver(
  ...versions: readonly (readonly [opcode: number, length: Length, span?: Span])[]
): Packet {
  return {
    doc: "",
    versions: versions.map(([opcode, length, span = {}]) => {
      const header = headerBytes({ opcode, length, fields: {} });
      const fields = length === "variable" ? {} : { _rest: unused(length - header) };
      return { ...span, opcode, length, fields };
    }),
  };
}
