import type { CodePage } from "@sallyport/dialects/ragnarok";
import { WireError } from "@sallyport/wire";

/*
 * Payloads: numbers in little-endian without padding, and texts in the code page of the client, each with a NUL
 * at its end. Both ends ignore bytes behind the last field.
 */

/** Each method throws `WireError` if the payload ends before the field does. */
export class PayloadReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #codePage: CodePage;
  #at = 0;

  constructor(bytes: Uint8Array, codePage: CodePage) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#codePage = codePage;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  i16(): number {
    return this.#view.getInt16(this.#take(2), true);
  }

  text(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end === -1) throw new WireError("text", "has no end");
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end + 1;
    return this.#codePage.read(bytes);
  }

  /** Whether another text follows. */
  get hasText(): boolean {
    return this.#bytes.includes(0, this.#at);
  }

  #take(count: number): number {
    const at = this.#at;
    if (at + count > this.#bytes.length) throw new WireError("payload", "ends too soon");
    this.#at = at + count;
    return at;
  }
}

/** Numbers that do not fit their field keep their low bits. */
export class PayloadWriter {
  readonly #codePage: CodePage;
  readonly #bytes: number[] = [];

  constructor(codePage: CodePage) {
    this.#codePage = codePage;
  }

  u8(...values: readonly number[]): this {
    for (const value of values) this.#bytes.push(value & 0xff);
    return this;
  }

  u16(...values: readonly number[]): this {
    for (const value of values) this.u8(value, value >> 8);
    return this;
  }

  u32(value: number): this {
    return this.u16(value & 0xffff, value >>> 16);
  }

  /** Characters that the code page lacks become `?`. A NUL would end the text, so it is left out. */
  text(text: string): this {
    this.#bytes.push(...this.#codePage.bytesOf(text.replaceAll("\0", "")), 0);
    return this;
  }

  get bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}
