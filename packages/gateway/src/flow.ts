import type { ByteChannel } from "@sallyport/link";

/** Passes bytes from one connection to another. It reads no faster than the receiver accepts the bytes. */
export class Flow {
  readonly #from: ByteChannel;
  readonly #to: ByteChannel;
  readonly #waitingBytesMax: number;
  #isHeldUp = false;
  #passedBytes = 0;
  /** Number of bytes that `to` had accepted at `#takenAtMs`. */
  #takenBytes = 0;
  /** The last time at which `#takenBytes` had changed, or no bytes waited for `to`. */
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
   * For how long `to` has accepted none of the bytes that wait for it. Call this periodically, because only a
   * call notices that `to` accepted bytes.
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

  /** Call this when `to` has accepted all bytes. */
  drained(): void {
    if (!this.#isHeldUp) return;
    this.#isHeldUp = false;
    this.#from.resume();
  }
}
