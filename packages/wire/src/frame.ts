import { WireError } from "./wire-error.ts";

/**
 * A frame consists of: u32 length of the rest, u8 kind (index in this list), u32 correlation id, body.
 * Numbers are big-endian. The splitter checks the length before the body arrives, so a false length costs no
 * memory.
 */
export const frameKinds = ["request", "reply", "refusal", "notice", "ping", "pong"] as const;
export type FrameKind = (typeof frameKinds)[number];

export interface Frame {
  readonly kind: FrameKind;
  /** A reply or a refusal has the id of the request that it answers. Notices have 0. */
  readonly correlationId: number;
  readonly body: Uint8Array;
}

const lengthBytes = 4;
const headerBytes = 5;
export const frameOverheadBytes = lengthBytes + headerBytes;
/**
 * Chunks that are shorter than this are joined, because each chunk object needs more than a hundred bytes of
 * memory even if the chunk is short.
 */
const chunkBytesMin = 1_024;
const nothing = new Uint8Array(0);

export function encodeFrame(kind: FrameKind, correlationId: number, body: Uint8Array = nothing): Uint8Array {
  const frame = new Uint8Array(frameOverheadBytes + body.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, headerBytes + body.length);
  view.setUint8(4, frameKinds.indexOf(kind));
  view.setUint32(5, correlationId);
  frame.set(body, frameOverheadBytes);
  return frame;
}

/** Cuts a byte stream into frames. It keeps the bytes of at most one unfinished frame. */
export class FrameSplitter {
  readonly #frameBytesMax: number;
  #chunks: Uint8Array[] = [];
  #heldBytes = 0;

  /** `frameBytesMax` is the maximum length of a whole frame, including its length field. */
  constructor(frameBytesMax: number) {
    this.#frameBytesMax = frameBytesMax;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Number of chunks that the splitter keeps. This number stays small even if many small chunks arrive. */
  get heldChunks(): number {
    return this.#chunks.length;
  }

  /**
   * Reads a frame only when the caller takes it. So the frames before an invalid frame are delivered, even if
   * all of them arrived in one chunk.
   */
  push(chunk: Uint8Array): Iterable<Frame> {
    if (chunk.length > 0) {
      this.#hold(chunk);
      this.#heldBytes += chunk.length;
    }
    return this.#frames();
  }

  /** Joins only chunks of similar length. So each byte is copied at most about a dozen times. */
  #hold(chunk: Uint8Array): void {
    let newest = chunk;
    while (newest.length < chunkBytesMin) {
      const before = this.#chunks.at(-1);
      if (before === undefined || before.length >= 2 * newest.length) break;
      const both = new Uint8Array(before.length + newest.length);
      both.set(before);
      both.set(newest, before.length);
      this.#chunks.pop();
      newest = both;
    }
    this.#chunks.push(newest);
  }

  *#frames(): Generator<Frame> {
    for (let frame = this.#next(); frame !== null; frame = this.#next()) yield frame;
  }

  #next(): Frame | null {
    if (this.#heldBytes < lengthBytes) return null;
    const head = this.#peek(lengthBytes);
    const frameBytes = lengthBytes + new DataView(head.buffer, head.byteOffset).getUint32(0);
    if (frameBytes > this.#frameBytesMax) throw new WireError("frame", "longer than allowed");
    if (frameBytes < frameOverheadBytes) throw new WireError("frame", "shorter than its header");
    if (this.#heldBytes < frameBytes) return null;
    const bytes = this.#take(frameBytes);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const kind = frameKinds[view.getUint8(4)];
    if (kind === undefined) throw new WireError("frame", "unknown kind");
    return { kind, correlationId: view.getUint32(5), body: bytes.subarray(frameOverheadBytes) };
  }

  /** Returns at least the first `count` bytes. Copies them only if they span several chunks. */
  #peek(count: number): Uint8Array {
    const first = this.#chunks[0];
    if (first !== undefined && first.length >= count) return first;
    const joined = new Uint8Array(count);
    let filled = 0;
    for (const chunk of this.#chunks) {
      joined.set(chunk.subarray(0, count - filled), filled);
      filled = Math.min(count, filled + chunk.length);
      if (filled === count) break;
    }
    return joined;
  }

  #take(count: number): Uint8Array {
    const taken = this.#peek(count).subarray(0, count);
    this.#heldBytes -= count;
    let toDrop = count;
    let dropped = 0;
    for (const chunk of this.#chunks) {
      if (chunk.length > toDrop) break;
      toDrop -= chunk.length;
      dropped += 1;
    }
    this.#chunks = this.#chunks.slice(dropped);
    const rest = this.#chunks[0];
    if (toDrop > 0 && rest !== undefined) this.#chunks[0] = rest.subarray(toDrop);
    return taken;
  }
}
