import { Packr } from "msgpackr/pack";
import { WireError } from "./wire-error.ts";

/**
 * This file reads and writes the part of MessagePack that fields use: nil, booleans, numbers, text, bytes and
 * lists. Values of games (`value.ts`) also use maps with text keys. The reader refuses everything else. A
 * general reader also accepts extensions. With extensions, a few hundred bytes can describe a value that
 * contains the same part extremely often. Code that visits all parts of such a value would practically never
 * end.
 */

const packr = new Packr({ useRecords: false, moreTypes: false });

export function packList(values: readonly unknown[]): Uint8Array {
  return packr.pack(values);
}

/** The caller has checked that the value consists of what this file can read. */
export function packAny(value: unknown): Uint8Array {
  return packr.pack(value);
}

/** Returns the list in the bytes. Throws `WireError` unless the bytes are one list and nothing else. */
export function unpackList(bytes: Uint8Array): unknown[] {
  const value = unpackAny(bytes, listBounds);
  if (!Array.isArray(value)) throw new WireError("", "expected a list");
  return value;
}

export interface PackBounds {
  /** Maximum depth of nested lists and maps. */
  readonly nestingMax: number;
  /** Maximum number of values, including lists, maps and their entries. */
  readonly valuesMax: number;
  readonly hasMaps: boolean;
}

/** No message table needs a greater depth. The stack of the process could hold far more. */
const listBounds: PackBounds = { nestingMax: 32, valuesMax: Number.POSITIVE_INFINITY, hasMaps: false };

/** Returns the value in the bytes. Throws `WireError` unless the bytes are one value and nothing else. */
export function unpackAny(bytes: Uint8Array, bounds: PackBounds): unknown {
  const reader = new Reader(bytes, bounds);
  const value = reader.value(0);
  if (!reader.isAtEnd) throw new WireError("", "followed by more");
  return value;
}

/**
 * Code that copies the entries of a map into another object could change the prototype of all objects through
 * these keys.
 */
export const forbiddenKeys: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

const shortTextBytes = 24;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

class Reader {
  readonly #bytes: Uint8Array;
  readonly #bounds: PackBounds;
  #valuesLeft: number;
  #offset = 0;

  constructor(bytes: Uint8Array, bounds: PackBounds) {
    this.#bytes = bytes;
    this.#bounds = bounds;
    this.#valuesLeft = bounds.valuesMax - 1;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  value(nesting: number): unknown {
    const token = this.#uint8();
    if (token < 0x80) return token;
    if (token >= 0xe0) return token - 0x100;
    if (token >= 0xa0 && token < 0xc0) return this.#text(token - 0xa0);
    if (token >= 0x90 && token < 0xa0) return this.#list(token - 0x90, nesting);
    if (token < 0x90) return this.#map(token - 0x80, nesting);
    switch (token) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
        return this.#slice(this.#uint8());
      case 0xc5:
        return this.#slice(this.#uint16());
      case 0xc6:
        return this.#slice(this.#uint32());
      // Adding 0 turns -0 into 0, and changes no other number. Fields do not distinguish -0 from 0.
      case 0xca:
        return this.#viewOf(4).getFloat32(0) + 0;
      case 0xcb:
        return this.#viewOf(8).getFloat64(0) + 0;
      case 0xcc:
        return this.#uint8();
      case 0xcd:
        return this.#uint16();
      case 0xce:
        return this.#uint32();
      // The sum is not exact above 2^53, but every field refuses such a number.
      case 0xcf:
        return this.#uint32() * 0x1_0000_0000 + this.#uint32();
      case 0xd0:
        return this.#viewOf(1).getInt8(0);
      case 0xd1:
        return this.#viewOf(2).getInt16(0);
      case 0xd2:
        return this.#viewOf(4).getInt32(0);
      case 0xd3:
        return this.#viewOf(4).getInt32(0) * 0x1_0000_0000 + this.#uint32();
      case 0xd9:
        return this.#text(this.#uint8());
      case 0xda:
        return this.#text(this.#uint16());
      case 0xdb:
        return this.#text(this.#uint32());
      case 0xdc:
        return this.#list(this.#uint16(), nesting);
      case 0xdd:
        return this.#list(this.#uint32(), nesting);
      case 0xde:
        return this.#map(this.#uint16(), nesting);
      case 0xdf:
        return this.#map(this.#uint32(), nesting);
      default:
        throw new WireError("", "holds what no field can");
    }
  }

  /**
   * Skips `byteCount` bytes and returns the offset of the first skipped byte. Throws `WireError` if fewer
   * bytes are left.
   */
  #take(byteCount: number): number {
    const offset = this.#offset;
    if (byteCount > this.#bytes.length - offset) throw new WireError("", "ends too early");
    this.#offset = offset + byteCount;
    return offset;
  }

  /** The numbers that messages hold most often are read without a view, because making one costs more. */
  #viewOf(byteCount: number): DataView {
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#take(byteCount), byteCount);
  }

  #uint8(): number {
    // `take` has checked that the byte exists.
    return this.#bytes[this.#take(1)] as number;
  }

  #uint16(): number {
    return this.#uint8() * 0x100 + this.#uint8();
  }

  #uint32(): number {
    return this.#uint16() * 0x1_0000 + this.#uint16();
  }

  #slice(byteCount: number): Uint8Array {
    const offset = this.#take(byteCount);
    return this.#bytes.subarray(offset, offset + byteCount);
  }

  #text(byteCount: number): string {
    const encoded = this.#slice(byteCount);
    if (byteCount <= shortTextBytes) {
      const short = shortAscii(encoded);
      if (short !== null) return short;
    }
    try {
      return utf8.decode(encoded);
    } catch {
      throw new WireError("", "malformed text");
    }
  }

  #list(count: number, nesting: number): unknown[] {
    this.#checkRoom(count, nesting);
    const entries: unknown[] = [];
    for (let index = 0; index < count; index += 1) entries.push(this.value(nesting + 1));
    return entries;
  }

  #map(count: number, nesting: number): Record<string, unknown> {
    if (!this.#bounds.hasMaps) throw new WireError("", "holds what no field can");
    this.#checkRoom(2 * count, nesting);
    const entries: Record<string, unknown> = {};
    for (let index = 0; index < count; index += 1) {
      const key = this.value(nesting + 1);
      if (typeof key !== "string") throw new WireError("", "has a key that is no text");
      if (forbiddenKeys.has(key)) throw new WireError("", "has a forbidden key");
      if (Object.hasOwn(entries, key)) throw new WireError("", "has a key twice");
      entries[key] = this.value(nesting + 1);
    }
    return entries;
  }

  /**
   * Each entry takes at least one byte. So a list or map with a count that is too large is refused before any
   * entry is read.
   */
  #checkRoom(values: number, nesting: number): void {
    if (nesting === this.#bounds.nestingMax) throw new WireError("", "nested too deep");
    if (values > this.#bytes.length - this.#offset) throw new WireError("", "ends too early");
    this.#valuesLeft -= values;
    if (this.#valuesLeft < 0) throw new WireError("", "holds too many values");
  }
}

/**
 * Reads short texts without the decoder, because a call of the decoder costs more. Most texts are short
 * names.
 */
function shortAscii(encoded: Uint8Array): string | null {
  let text = "";
  for (const byte of encoded) {
    if (byte >= 0x80) return null;
    text += String.fromCharCode(byte);
  }
  return text;
}
