import type { WebSocket } from "ws";
import type { ByteChannel, ChannelListener, Transport } from "../channel.ts";

/** The longest message in either direction, in bytes. Longer output is split into several messages. */
export const messageBytesMax = 64 * 1024;

const closedNormally = 1000;
const unsupportedData = 1003;

/** Wraps an open socket. Messages are binary, and the boundaries between messages have no meaning. */
export const webSocketChannel = (
  socket: WebSocket,
  at: Pick<ByteChannel, "remote"> & { readonly isSecure: boolean },
): ByteChannel => new WebSocketChannel(socket, at);

class WebSocketChannel implements ByteChannel {
  readonly transport: Transport;
  readonly remote: string;
  readonly afterTurn = setImmediate;
  readonly #socket: WebSocket;
  #listener: ChannelListener | null = null;
  /** Received bytes that were not yet passed to the listener. */
  #kept: Uint8Array[] = [];
  #isPaused = false;
  /** If true, the channel ignores all further bytes from the far end. */
  #isDeaf = false;
  /** Why the channel ended; null while it is open. */
  #ended: { readonly why?: string } | null = null;
  #hasTold = false;

  constructor(socket: WebSocket, { remote, isSecure }: Parameters<typeof webSocketChannel>[1]) {
    this.transport = isSecure ? "wss" : "ws";
    this.remote = remote;
    this.#socket = socket;
    socket.pause();
    socket.on("message", (data, isBinary) => {
      if (isBinary) this.#arrive(data as Uint8Array);
      else this.#refuse("text where bytes were expected");
    });
    socket.on("error", (error) => this.#refuse((error as NodeJS.ErrnoException).code ?? error.message));
    socket.on("close", () => this.#end({}));
  }

  listen(listener: ChannelListener): void {
    this.#listener = listener;
    // Bytes that have already arrived are delivered after this call has returned.
    queueMicrotask(() => this.#flow());
  }

  send(bytes: Uint8Array): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    for (let start = 0; start < bytes.length; start += messageBytesMax) {
      this.#socket.send(bytes.subarray(start, start + messageBytesMax), { binary: true }, this.#sent);
    }
  }

  readonly #sent = (): void => {
    if (this.#socket.bufferedAmount === 0) this.#listener?.drained?.();
  };

  bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#flow();
  }

  close(): void {
    // The close frame of the far end has to be read even if there is no listener.
    if (this.#listener === null) this.#isDeaf = true;
    this.#socket.close(closedNormally);
    this.resume();
    this.#socket.resume();
  }

  destroy(): void {
    // After a refusal, the close frame is still on its way. The library limits the time for this.
    if (this.#isDeaf && this.#ended !== null) return;
    this.#isDeaf = true;
    this.#kept = [];
    this.#isPaused = false;
    this.#socket.terminate();
  }

  #arrive(chunk: Uint8Array): void {
    if (this.#isDeaf) return;
    this.#kept.push(chunk);
    this.#flow();
  }

  /** Refuses invalid frames, which the library reports, and text, which only this class refuses. */
  #refuse(what: string): void {
    if (this.#isDeaf) return;
    this.#isDeaf = true;
    this.#kept = [];
    this.#isPaused = false;
    this.#socket.close(unsupportedData);
    this.#socket.resume();
    this.#end({ why: `sent nonsense: ${what}` });
  }

  #end(ended: { readonly why?: string }): void {
    this.#ended ??= ended;
    this.#flow();
  }

  #flow(): void {
    const listener = this.#listener;
    if (listener === null) return;
    while (!this.#isPaused && this.#kept.length > 0) listener.bytes(this.#kept.shift() as Uint8Array);
    if (this.#isPaused) return;
    if (this.#ended === null) {
      if (this.#socket.isPaused) this.#socket.resume();
      return;
    }
    if (this.#hasTold) return;
    this.#hasTold = true;
    listener.closed(this.#ended.why);
  }
}
