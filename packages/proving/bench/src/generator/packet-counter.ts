import { mainProfile, type Row, serverRows } from "@sallyport/ragnarok-load";

const rows: readonly Row[] = serverRows(mainProfile);
/**
 * The keys are opcodes, and the values are lengths in bytes. The value is 0 if each packet contains its own
 * length.
 */
const lengths = new Map(rows.map(({ opcode, length }) => [opcode, typeof length === "number" ? length : 0]));

const opcodeOf = (type: string): number => rows.find((row) => row.type === type)?.opcode ?? Number.NaN;
export const opcodes = {
  entered: opcodeOf("ZC_ACCEPT_ENTER2"),
  left: opcodeOf("ZC_ACK_REQ_DISCONNECT"),
  kicked: opcodeOf("SC_NOTIFY_BAN"),
  walks: opcodeOf("ZC_NOTIFY_PLAYERMOVE"),
  /** Each of these three packets shows a unit that comes into sight. */
  units: ["ZC_NOTIFY_STANDENTRY", "ZC_NOTIFY_NEWENTRY", "ZC_NOTIFY_MOVEENTRY"].map(opcodeOf),
};

/**
 * Counts the packets of one connection to a map-server, without reading their fields. In a crowd, reading all
 * fields would cost more than the servers need to send them.
 */
export class PacketCounter {
  readonly #counts = new Map<number, number>();
  #rest: Buffer = Buffer.alloc(0);
  #entered: Buffer | null = null;

  /** The packet that admitted the client to the map. */
  get entered(): Buffer | null {
    return this.#entered;
  }

  of(opcode: number): number {
    return this.#counts.get(opcode) ?? 0;
  }

  /** Takes the next bytes. Returns the first unknown opcode, or null if all opcodes are known. */
  add(chunk: Buffer): number | null {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (at + 2 <= bytes.length) {
      const opcode = bytes.readUInt16LE(at);
      let length = lengths.get(opcode);
      if (length === undefined) return opcode;
      if (length === 0) {
        if (at + 4 > bytes.length) break;
        length = bytes.readUInt16LE(at + 2);
      }
      if (at + length > bytes.length) break;
      if (opcode === opcodes.entered) this.#entered = Buffer.from(bytes.subarray(at, at + length));
      this.#counts.set(opcode, this.of(opcode) + 1);
      at += length;
    }
    this.#rest = bytes.subarray(at);
    return null;
  }
}
