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

export const encodeFrame = (kind: FrameKind, correlationId: number, body: Uint8Array = nothing): Uint8Array =>
  encodeFrames([{ kind, correlationId, body }]);

/** Returns the bytes of the frames, one after the other. */
export function encodeFrames(frames: readonly Frame[]): Uint8Array {
  const bytes = new Uint8Array(frames.reduce((sum, { body }) => sum + frameOverheadBytes + body.length, 0));
  let at = 0;
  for (const { kind, correlationId, body } of frames) {
    writeUint32(bytes, at, headerBytes + body.length);
    bytes[at + 4] = frameKinds.indexOf(kind);
    writeUint32(bytes, at + 5, correlationId);
    bytes.set(body, at + frameOverheadBytes);
    at += frameOverheadBytes + body.length;
  }
  return bytes;
}

// A `DataView` for each frame would cost more than the shifts.
function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function readUint32(bytes: Uint8Array, at: number): number {
  const byte = (nth: number): number => bytes[at + nth] as number;
  return ((byte(0) << 24) | (byte(1) << 16) | (byte(2) << 8) | byte(3)) >>> 0;
}

/** Cuts a byte stream into frames. It keeps the bytes of at most one unfinished frame. */
export class FrameSplitter {
  readonly #frameBytesMax: number;
  #chunks: Uint8Array[] = [];
  /** The number of bytes of the first chunk that belong to frames which were taken. */
  #taken = 0;
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
      this.#forgetTaken();
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
    const frameBytes = lengthBytes + readUint32(this.#chunkOf(lengthBytes), this.#taken);
    if (frameBytes > this.#frameBytesMax) throw new WireError("frame", "longer than allowed");
    if (frameBytes < frameOverheadBytes) throw new WireError("frame", "shorter than its header");
    if (this.#heldBytes < frameBytes) return null;
    const chunk = this.#chunkOf(frameBytes);
    const at = this.#taken;
    this.#taken += frameBytes;
    this.#heldBytes -= frameBytes;
    if (this.#taken === chunk.length) this.#forgetTaken();
    const kind = frameKinds[chunk[at + 4] ?? frameKinds.length];
    if (kind === undefined) throw new WireError("frame", "unknown kind");
    const body = chunk.subarray(at + frameOverheadBytes, at + frameBytes);
    return { kind, correlationId: readUint32(chunk, at + 5), body };
  }

  /**
   * Returns the first chunk. It has at least `count` bytes after the taken ones. Joins all chunks if the
   * first one is shorter, which happens at most twice for a frame.
   */
  #chunkOf(count: number): Uint8Array {
    const [first = nothing] = this.#chunks;
    if (first.length - this.#taken >= count) return first;
    this.#forgetTaken();
    const all = new Uint8Array(this.#heldBytes);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    this.#chunks = [all];
    return all;
  }

  #forgetTaken(): void {
    const [first] = this.#chunks;
    if (first === undefined || this.#taken === 0) return;
    if (this.#taken === first.length) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(this.#taken);
    this.#taken = 0;
  }
}
