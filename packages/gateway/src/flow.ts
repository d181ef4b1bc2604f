import type { ByteChannel } from "@sallyport/link";

/** One direction of two joined streams: what comes goes on, and is read no faster than it is taken. */
export class Flow {
  readonly #from: ByteChannel;
  readonly #to: ByteChannel;
  readonly #waitingBytesMax: number;
  #isHeldUp = false;

  /** At most `waitingBytesMax`, and one read, wait here for `to`. At least 64 KiB: see `ChannelListener.drained`. */
  constructor(from: ByteChannel, to: ByteChannel, waitingBytesMax: number) {
    this.#from = from;
    this.#to = to;
    this.#waitingBytesMax = waitingBytesMax;
  }

  pass(chunk: Uint8Array): void {
    this.#to.send(chunk);
    if (this.#isHeldUp || this.#to.bufferedBytes() <= this.#waitingBytesMax) return;
    this.#isHeldUp = true;
    this.#from.pause();
  }

  /** `to` has taken everything. */
  drained(): void {
    if (!this.#isHeldUp) return;
    this.#isHeldUp = false;
    this.#from.resume();
  }
}
