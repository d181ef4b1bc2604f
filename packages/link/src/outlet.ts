import type { ByteChannel } from "./channel.ts";

declare function queueMicrotask(run: () => void): void;

/** Joins all output of one turn of the event loop in one write, or writes it in one go. */
export class Outlet {
  readonly #channel: ByteChannel;
  readonly #afterTurn: (run: () => void) => void;
  readonly #take: () => readonly Uint8Array[];
  readonly #bytesMax: number;
  readonly #overflowed: () => void;
  readonly #isJoined: boolean;
  #isFlushing = false;
  #sentBytes = 0;

  /**
   * `overflowed` is called when more than `bytesMax` bytes wait for the far end. Without `isJoined`, each array
   * of bytes is a write of its own: for clients that read one message at a time.
   */
  constructor(
    channel: ByteChannel,
    take: () => readonly Uint8Array[],
    bytesMax: number,
    overflowed: () => void,
    isJoined = true,
  ) {
    this.#channel = channel;
    // A browser refuses `queueMicrotask` as a method of another object.
    this.#afterTurn = channel.afterTurn ?? ((run) => queueMicrotask(run));
    this.#take = take;
    this.#bytesMax = bytesMax;
    this.#overflowed = overflowed;
    this.#isJoined = isJoined;
  }

  /** The number of sent bytes that the far end has taken, as far as this end knows. */
  get takenBytes(): number {
    return this.#sentBytes - this.#channel.bufferedBytes();
  }

  flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    this.#afterTurn(this.#flushNow);
  }

  readonly #flushNow = (): void => {
    this.#isFlushing = false;
    this.flush();
  };

  /** Sends the waiting output. If the channel is closed, the output is dropped. */
  flush(): void {
    const output = this.#take();
    if (output.length === 0) return;
    for (const bytes of this.#isJoined ? [join(output)] : output) {
      this.#sentBytes += bytes.length;
      this.#channel.send(bytes);
    }
    if (this.#channel.bufferedBytes() > this.#bytesMax) this.#overflowed();
  }
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return only;
  const joined = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.length;
  }
  return joined;
}
