import type { ByteChannel, ChannelListener, Transport } from "../channel.ts";

/**
 * A channel over the WebSocket of browsers. This WebSocket cannot stop reading and cannot drop a connection.
 * So a paused channel keeps the bytes that arrive. A destroyed channel ends at once, although the browser
 * closes the connection only some time after that.
 */

/** The part of the global `WebSocket` that this file uses. Browsers and newer versions of Node have it. */
export interface BrowserSocket {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(bytes: Uint8Array): void;
  close(code?: number): void;
  onopen: (() => void) | null;
  onclose: ((event: { readonly code: number }) => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
}

declare const WebSocket: new (url: string) => BrowserSocket;

const open = 1;
/** The longest message that servers accept, in bytes. */
const messageBytesMax = 64 * 1024;
/** The close code for text messages. A page can send only the codes 1000 and 3000 to 4999. */
const unsupportedData = 4003;

/**
 * Connects to a URL. Rejects with an error without a reason, because browsers do not say why a connection
 * failed.
 */
export function connectBrowserSocket(
  url: string,
  timeoutMs: number,
  make = (to: string): BrowserSocket => new WebSocket(to),
): Promise<ByteChannel> {
  return new Promise((resolve, reject) => {
    const socket = make(url);
    const fail = (why: string): void => {
      clearTimeout(timer);
      socket.onopen = null;
      socket.onclose = null;
      socket.close();
      reject(new Error(`${url}: ${why}`));
    };
    const timer = setTimeout(() => fail(`no answer within ${timeoutMs} ms`), timeoutMs);
    socket.binaryType = "arraybuffer";
    socket.onclose = ({ code }) => fail(`not connected (${code})`);
    socket.onopen = () => {
      clearTimeout(timer);
      resolve(new BrowserChannel(socket, new URL(url)));
    };
  });
}

class BrowserChannel implements ByteChannel {
  readonly transport: Transport;
  readonly remote: string;
  readonly #socket: BrowserSocket;
  #listener: ChannelListener | null = null;
  #kept: Uint8Array[] = [];
  #isPaused = false;
  #ended: { readonly why?: string } | null = null;
  #hasTold = false;

  constructor(socket: BrowserSocket, { host, protocol }: URL) {
    this.transport = protocol === "wss:" ? "wss" : "ws";
    this.remote = host;
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#arrive(data);
    socket.onclose = () => this.#end({});
  }

  listen(listener: ChannelListener): void {
    this.#listener = listener;
    this.#flowSoon();
  }

  send(bytes: Uint8Array): void {
    if (this.#socket.readyState !== open) return;
    for (let start = 0; start < bytes.length; start += messageBytesMax) {
      this.#socket.send(bytes.subarray(start, start + messageBytesMax));
    }
  }

  bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#flowSoon();
  }

  close(): void {
    this.#isPaused = false;
    this.#socket.close();
  }

  destroy(): void {
    this.#cut({});
  }

  #arrive(data: unknown): void {
    if (this.#ended !== null) return;
    if (!(data instanceof ArrayBuffer))
      return this.#cut({ why: "sent nonsense: text where bytes were expected" });
    this.#kept.push(new Uint8Array(data));
    this.#flow();
  }

  #cut(ended: { readonly why?: string }): void {
    this.#kept = [];
    this.#isPaused = false;
    this.#socket.close(ended.why === undefined ? undefined : unsupportedData);
    this.#end(ended);
  }

  #end(ended: { readonly why?: string }): void {
    this.#ended ??= ended;
    this.#flowSoon();
  }

  #flowSoon(): void {
    queueMicrotask(() => this.#flow());
  }

  #flow(): void {
    const listener = this.#listener;
    if (listener === null) return;
    while (!this.#isPaused && this.#kept.length > 0) listener.bytes(this.#kept.shift() as Uint8Array);
    if (this.#isPaused || this.#ended === null || this.#hasTold) return;
    this.#hasTold = true;
    listener.closed(this.#ended.why);
  }
}
