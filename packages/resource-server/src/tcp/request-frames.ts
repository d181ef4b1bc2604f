/*
 * A frame is a u32 length, big-endian, and as many bytes. The length is checked before the bytes arrive, and
 * room for them is made only as they come, so a false length costs no memory.
 */

const lengthBytes = 4;
const roomBytesMin = 1_024;

export type TakenFrame =
  | { readonly type: "frame"; readonly bytes: Uint8Array }
  /** The frame is not read, and nothing after it. */
  | { readonly type: "refused"; readonly why: NotRead };

export type NotRead = "too-long" | "busy";

/** Returns why a frame of this length is not read, or null. It is called once for each frame. */
export type Admit = (frameBytes: number) => NotRead | null;

/** Cuts a byte stream into frames. It keeps the bytes of at most one unfinished frame. */
export class RequestFrames {
  readonly #admit: Admit;
  /** The first `#count` bytes are those of the length field, or else of the frame. */
  #room = new Uint8Array(roomBytesMin);
  #count = 0;
  /** Null: the length field is not complete. */
  #frameBytes: number | null = null;
  #isRefused = false;

  constructor(admit: Admit) {
    this.#admit = admit;
  }

  /** True if the beginning of a frame has arrived, but not its end. */
  get isWaiting(): boolean {
    return this.#count > 0 || this.#frameBytes !== null;
  }

  *push(chunk: Uint8Array): Generator<TakenFrame> {
    let rest = chunk;
    while (!this.#isRefused) {
      const wanted = this.#frameBytes ?? lengthBytes;
      const taken = rest.subarray(0, wanted - this.#count);
      this.#hold(taken, wanted);
      rest = rest.subarray(taken.length);
      if (this.#count < wanted) return;
      if (this.#frameBytes === null) {
        const refused = this.#begin();
        if (refused !== null) yield refused;
      } else yield { type: "frame", bytes: this.#finish(wanted) };
    }
  }

  #begin(): TakenFrame | null {
    const length = new DataView(this.#room.buffer).getUint32(0);
    const why = this.#admit(length);
    this.#count = 0;
    this.#frameBytes = length;
    if (why === null) return null;
    this.#isRefused = true;
    this.#room = new Uint8Array();
    return { type: "refused", why };
  }

  #finish(frameBytes: number): Uint8Array {
    const bytes = this.#room.subarray(0, frameBytes);
    this.#room = new Uint8Array(roomBytesMin);
    this.#count = 0;
    this.#frameBytes = null;
    return bytes;
  }

  #hold(bytes: Uint8Array, wanted: number): void {
    const needed = this.#count + bytes.length;
    if (needed > this.#room.length) {
      const larger = new Uint8Array(Math.max(needed, Math.min(wanted, 2 * this.#room.length)));
      larger.set(this.#room.subarray(0, this.#count));
      this.#room = larger;
    }
    this.#room.set(bytes, this.#count);
    this.#count = needed;
  }
}

export function frameOf(text: string): Uint8Array {
  const body = new TextEncoder().encode(text);
  const frame = new Uint8Array(lengthBytes + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, lengthBytes);
  return frame;
}
