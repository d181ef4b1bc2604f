import type { ByteChannel, ChannelListener } from "./channel.ts";

class MemoryEnd implements ByteChannel {
  readonly transport = "memory";
  readonly remote: string;
  other: MemoryEnd | null = null;
  #listener: ChannelListener | null = null;
  #queue: (Uint8Array | null)[] = [];
  #queuedBytes = 0;
  #paused = false;
  #delivering = false;
  #closed = false;

  constructor(remote: string) {
    this.remote = remote;
  }

  listen(listener: ChannelListener): void {
    this.#listener = listener;
    this.#deliverSoon();
  }

  send(bytes: Uint8Array): void {
    if (!this.#closed) this.other?.arrive(bytes);
  }

  bufferedBytes(): number {
    return this.other?.queuedBytes ?? 0;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#deliverSoon();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.other?.arrive(null);
    this.#deliverSoon();
  }

  destroy(): void {
    this.close();
  }

  /** Takes a chunk that the far end sent. `null` is the end of the stream. */
  arrive(chunk: Uint8Array | null): void {
    if (this.#closed && chunk !== null) return;
    this.#queue.push(chunk);
    this.#queuedBytes += chunk?.length ?? 0;
    this.#deliverSoon();
  }

  #deliverSoon(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    queueMicrotask(() => {
      this.#delivering = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    const listener = this.#listener;
    if (listener === null) return;
    if (this.#closed) {
      this.#listener = null;
      return listener.closed();
    }
    while (!this.#paused && this.#queue.length > 0) {
      const chunk = this.#queue.shift() ?? null;
      if (chunk === null) {
        this.#closed = true;
        this.#listener = null;
        return listener.closed();
      }
      this.#queuedBytes -= chunk.length;
      listener.bytes(chunk);
      if (this.#queuedBytes === 0) this.other?.drained();
    }
  }

  drained(): void {
    this.#listener?.drained?.();
  }
}

declare function queueMicrotask(run: () => void): void;

/**
 * Creates the two ends of one stream inside a process. Bytes arrive in order, and never during the call of
 * `send`.
 */
export function memoryChannelPair(names: readonly [string, string]): readonly [ByteChannel, ByteChannel] {
  const a = new MemoryEnd(names[1]);
  const b = new MemoryEnd(names[0]);
  a.other = b;
  b.other = a;
  return [a, b];
}
