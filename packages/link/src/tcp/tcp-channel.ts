import net from "node:net";
import { TLSSocket } from "node:tls";
import { hostAndPort } from "../addresses/ip-address.ts";
import type { ByteChannel, ChannelListener } from "../channel.ts";

export const remoteOf = (socket: net.Socket): string =>
  `${socket.remoteAddress ?? "?"}:${socket.remotePort ?? 0}`;

/** Wraps a connected socket. `remote` is used as the address of the far end. */
export const tcpChannel = (socket: net.Socket, remote = remoteOf(socket)): ByteChannel =>
  new TcpChannel(socket, remote);

class TcpChannel implements ByteChannel {
  readonly remote: string;
  readonly #socket: net.Socket;

  constructor(socket: net.Socket, remote: string) {
    this.remote = remote;
    this.#socket = socket;
    socket.setNoDelay(true);
    // Without a listener, an error would end the process. A `close` event follows each error, and ends the
    // channel.
    socket.on("error", ignore);
  }

  get transport(): "tls" | "tcp" {
    return this.#socket instanceof TLSSocket ? "tls" : "tcp";
  }

  listen(listener: ChannelListener): void {
    const socket = this.#socket;
    socket.on("data", (chunk) => listener.bytes(chunk));
    if (listener.drained !== undefined) socket.on("drain", () => listener.drained?.());
    // The far end sends nothing more, but can still read an answer.
    socket.on("end", () => (listener.finished === undefined ? socket.end() : listener.finished()));
    // If the connection ended before this call, Node does not report the end again.
    if (socket.closed) queueMicrotask(() => listener.closed());
    else socket.on("close", () => listener.closed());
  }

  send(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.resume();
    this.#socket.end();
    closeWithin(this.#socket, 2_000);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  afterTurn(run: () => void): void {
    setImmediate(run);
  }
}

const ignore = (): void => {};

/** Closes the socket after `graceMs`, even if the far end never closes its side. */
function closeWithin(socket: net.Socket, graceMs: number): void {
  const timer = setTimeout(() => socket.destroy(), graceMs);
  socket.once("close", () => clearTimeout(timer));
}

export class ConnectFailed extends Error {
  override readonly name = "ConnectFailed";
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface ConnectFrom {
  /** The IP address of this machine to connect from. If absent, the system picks one. */
  readonly localAddress?: string;
  /** Bytes to send before all others. With TLS, they are sent unencrypted before the handshake. */
  readonly preface?: Uint8Array;
}

/** Connects over TCP. Rejects with `ConnectFailed`, which contains the address. */
export function connectTcp(
  address: Address,
  timeoutMs: number,
  { localAddress, preface }: ConnectFrom = {},
): Promise<ByteChannel> {
  return new Promise((resolve, reject) => {
    const from = localAddress === undefined ? {} : { localAddress };
    // With `allowHalfOpen`, the channel itself decides when to close its side.
    const socket = net.connect({ host: address.host, port: address.port, allowHalfOpen: true, ...from });
    const fail = (why: string): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new ConnectFailed(`${hostAndPort(address)}: ${why}`));
    };
    const timer = setTimeout(() => fail(`no answer within ${timeoutMs} ms`), timeoutMs);
    const refused = (error: NodeJS.ErrnoException): void => fail(error.code ?? error.message);
    socket.once("error", refused);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", refused);
      if (preface !== undefined) socket.write(preface);
      resolve(tcpChannel(socket));
    });
  });
}
