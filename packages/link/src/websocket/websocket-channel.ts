import type { WebSocket } from "ws";
import type { ByteChannel, ChannelListener, Transport } from "../channel.ts";

/** No message is longer, either way: what is sent in one piece may arrive in several, as on any stream. */
export const messageBytesMax = 64 * 1024;

const closedNormally = 1000;
const unsupportedData = 1003;

/** Wraps a socket that is open. Messages are binary, and their boundaries mean nothing. */
export const webSocketChannel = (
  socket: WebSocket,
  at: Pick<ByteChannel, "remote"> & { readonly isSecure: boolean },
): ByteChannel => new WebSocketChannel(socket, at);

class WebSocketChannel implements ByteChannel {
  readonly transport: Transport;
  readonly remote: string;
  readonly #socket: WebSocket;
  #listener: ChannelListener | null = null;
  /** What one read brought, of which the listener has not been told. */
  #kept: Uint8Array[] = [];
  #isPaused = false;
  /** Nothing more that arrives is of interest. */
  #isDeaf = false;
  /** Why it ended; null while it has not. */
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
    // Also what is here already is not told within this call.
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
    // The other end's goodbye has to be read, whoever listens.
    if (this.#listener === null) this.#isDeaf = true;
    this.#socket.close(closedNormally);
    this.resume();
    this.#socket.resume();
  }

  destroy(): void {
    // Who was refused is being told so, and has a bound on how long that may take.
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

  /** The library closes by itself on what is no WebSocket; text is for us to refuse. */
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
