import type { ByteChannel } from "@sallyport/link";

/**
 * One direction of two joined streams: passes bytes on, and reads no faster than the other end takes them.
 */
export class Flow {
  readonly #from: ByteChannel;
  readonly #to: ByteChannel;
  readonly #waitingBytesMax: number;
  #isHeldUp = false;
  #passedBytes = 0;
  /** The number of accepted bytes when it last changed, or when no bytes waited. */
  #takenBytes = 0;
  #takenAtMs: number;

  /**
   * At most `waitingBytesMax` plus one read are buffered here for `to`. At least 64 KiB: see
   * `ChannelListener.drained`.
   */
  constructor(from: ByteChannel, to: ByteChannel, waitingBytesMax: number, nowMs: number) {
    this.#from = from;
    this.#to = to;
    this.#waitingBytesMax = waitingBytesMax;
    this.#takenAtMs = nowMs;
  }

  /** `from` is paused until `to` has taken everything. */
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
   * How long `to` has not accepted any of the buffered bytes, as of the last call. Call this periodically.
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

  /** `to` has taken everything. */
  drained(): void {
    if (!this.#isHeldUp) return;
    this.#isHeldUp = false;
    this.#from.resume();
  }
}
