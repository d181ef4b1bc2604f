import { WireError } from "@sallyport/wire";

/*
 * Frames of the token port, as seed 002 has them in both directions: u32 length, big-endian, and so many bytes
 * of JSON in UTF-8.
 */

const lengthBytes = 4;
/** A name and a password of the greatest length need about half of this, with each character escaped. */
export const requestBytesMax = 8_192;

/** Reads one frame from bytes that come in any pieces. Takes no bytes behind it. */
export class FrameReader {
  readonly #length = new Uint8Array(lengthBytes);
  #body: Uint8Array | null = null;
  #read = 0;

  /** Returns the body once it is complete, and otherwise null. Throws `WireError` if it is empty or too long. */
  push(bytes: Uint8Array): Uint8Array | null {
    const rest = this.#body === null ? this.#fill(this.#length, bytes) : bytes;
    if (this.#body === null) {
      if (this.#read < lengthBytes) return null;
      this.#body = new Uint8Array(bodyBytes(this.#length));
      this.#read = 0;
    }
    this.#fill(this.#body, rest);
    return this.#read === this.#body.length ? this.#body : null;
  }

  /** Returns the bytes that do not fit. */
  #fill(part: Uint8Array, bytes: Uint8Array): Uint8Array {
    const taken = bytes.subarray(0, part.length - this.#read);
    part.set(taken, this.#read);
    this.#read += taken.length;
    return bytes.subarray(taken.length);
  }
}

function bodyBytes(length: Uint8Array): number {
  const count = new DataView(length.buffer).getUint32(0);
  if (count === 0 || count > requestBytesMax)
    throw new WireError("token", `a request has 1 to ${requestBytesMax} bytes, not ${count}`);
  return count;
}

export function frameOf(answer: object): Uint8Array {
  const body = new TextEncoder().encode(JSON.stringify(answer));
  const frame = new Uint8Array(lengthBytes + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, lengthBytes);
  return frame;
}
