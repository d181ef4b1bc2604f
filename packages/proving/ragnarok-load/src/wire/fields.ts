import { type Cell, type Move, readCell, readMove } from "./cells.ts";

/**
 * Reads the fields of one packet by their offsets. Records a complaint about each field that is encoded
 * wrongly.
 */
export class Fields {
  readonly #bytes: Buffer;
  readonly complaints: string[] = [];

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get length(): number {
    return this.#bytes.length;
  }

  u8(at: number): number {
    return this.#bytes.readUInt8(at);
  }

  u16(at: number): number {
    return this.#bytes.readUInt16LE(at);
  }

  u32(at: number): number {
    return this.#bytes.readUInt32LE(at);
  }

  /** Reads a field of a fixed size, padded with zeros to its end. */
  text(at: number, size: number): string {
    const field = this.#bytes.subarray(at, at + size);
    const end = field.indexOf(0);
    if (end < 0) return field.toString("latin1");
    if (field.subarray(end).some((byte) => byte !== 0)) this.complaints.push(`text at ${at} is not padded`);
    return field.toString("latin1", 0, end);
  }

  /** Reads to the end of the packet, which has to be a terminating zero. */
  textToEnd(at: number): string {
    const field = this.#bytes.subarray(at);
    const end = field.indexOf(0);
    if (end !== field.length - 1) this.complaints.push(`text at ${at} does not end with the packet`);
    return field.toString("latin1", 0, end < 0 ? field.length : end);
  }

  /** In packets, map names end with `.gat`. Elsewhere they do not. */
  map(at: number): string {
    const name = this.text(at, 16);
    if (!name.endsWith(".gat")) this.complaints.push(`map at ${at} is "${name}", without .gat`);
    return name.replace(/\.gat$/, "");
  }

  address(at: number): { readonly host: string; readonly port: number } {
    return { host: [...this.#bytes.subarray(at, at + 4)].join("."), port: this.u16(at + 4) };
  }

  cell(at: number): Cell & { readonly direction: number } {
    return readCell(this.#bytes, at);
  }

  move(at: number): Move {
    return readMove(this.#bytes, at);
  }

  /** Reads the blocks of `size` bytes that fill the packet from this offset to its end. */
  blocks<T>(at: number, size: number, read: (block: Fields) => T): T[] {
    const blocks: T[] = [];
    for (let start = at; start + size <= this.length; start += size) {
      const block = new Fields(this.#bytes.subarray(start, start + size));
      blocks.push(read(block));
      this.complaints.push(...block.complaints);
    }
    return blocks;
  }
}
