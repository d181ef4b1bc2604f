import type { ByteChannel } from "@sallyport/link";

/** Passes bytes from one connection to another. It reads no faster than the receiver accepts the bytes. */
export class Flow {
  readonly #from: ByteChannel;
  readonly #to: ByteChannel;
  readonly #waitingBytesMax: number;
  #isHeldUp = false;
  #passedBytes = 0;
  /** Number of bytes that `to` had accepted at the time `#takenAtMs`. */
  #takenBytes = 0;
  /** The last time at which `to` had accepted more bytes, or had no bytes to accept. */
  #takenAtMs: number;

  /**
   * At most `waitingBytesMax` bytes, plus the bytes of one read, are buffered for `to`. `waitingBytesMax`
   * must be at least 64 KiB: see `ChannelListener.drained`.
   */
  constructor(from: ByteChannel, to: ByteChannel, waitingBytesMax: number, nowMs: number) {
    this.#from = from;
    this.#to = to;
    this.#waitingBytesMax = waitingBytesMax;
    this.#takenAtMs = nowMs;
  }

  /** Whether `from` is paused until `to` has accepted all bytes. */
  get isHeldUp(): boolean {
    return this.#isHeldUp;
  }

  pass(chunk: Uint8Array): void {
    this.#to.send(chunk);
    this.#passedBytes += chunk.length;
    if (this.#isHeldUp || this.#to.bufferedBytes() <= this.#waitingBytesMax) return;
    this.#isHeldUp = true;
    this.#from.pause();
  }

  /**
   * Returns for how many milliseconds `to` has accepted none of its waiting bytes. Call this method
   * periodically: the flow notices progress only in this call.
   */
  stuckMs(nowMs: number): number {
    const waitingBytes = this.#to.bufferedBytes();
    const takenBytes = this.#passedBytes - waitingBytes;
    if (waitingBytes === 0 || takenBytes !== this.#takenBytes) {
      this.#takenBytes = takenBytes;
      this.#takenAtMs = nowMs;
    }
    return nowMs - this.#takenAtMs;
  }

  /** Call this method when `to` has accepted all bytes. */
  drained(): void {
    if (!this.#isHeldUp) return;
    this.#isHeldUp = false;
    this.#from.resume();
  }
}
