import net from "node:net";
import { TLSSocket } from "node:tls";
import type { ByteChannel, ChannelListener } from "../channel.ts";

export const remoteOf = (socket: net.Socket): string =>
  `${socket.remoteAddress ?? "?"}:${socket.remotePort ?? 0}`;

/** Wraps a connected socket. `remote`, where it is not the one that the socket itself knows. */
export function tcpChannel(socket: net.Socket, remote = remoteOf(socket)): ByteChannel {
  socket.setNoDelay(true);
  // Named here once; the `close` that follows an error is what ends the channel.
  socket.on("error", () => {});
  return {
    transport: socket instanceof TLSSocket ? "tls" : "tcp",
    remote,
    listen(listener: ChannelListener) {
      socket.on("data", (chunk) => listener.bytes(chunk));
      if (listener.drained !== undefined) socket.on("drain", () => listener.drained?.());
      // A half-closed peer may not read our answer, but it has said that it will not speak again.
      socket.on("end", () => (listener.finished === undefined ? socket.end() : listener.finished()));
      // Cut before anybody listened: it will not be told again.
      if (socket.closed) queueMicrotask(() => listener.closed());
      else socket.on("close", () => listener.closed());
    },
    send(bytes) {
      if (socket.writable) socket.write(bytes);
    },
    bufferedBytes: () => socket.writableLength,
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close() {
      socket.resume();
      socket.end();
      closeWithin(socket, 2_000);
    },
    destroy: () => void socket.destroy(),
  };
}

/** A peer that never closes its side must not hold ours. */
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

/** Rejects with `ConnectFailed`, which names the address. */
export function connectTcp(address: Address, timeoutMs: number): Promise<ByteChannel> {
  return new Promise((resolve, reject) => {
    // The channel ends its side itself.
    const socket = net.connect({ host: address.host, port: address.port, allowHalfOpen: true });
    const fail = (why: string): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new ConnectFailed(`${address.host}:${address.port}: ${why}`));
    };
    const timer = setTimeout(() => fail(`no answer within ${timeoutMs} ms`), timeoutMs);
    const refused = (error: NodeJS.ErrnoException): void => fail(error.code ?? error.message);
    socket.once("error", refused);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", refused);
      resolve(tcpChannel(socket));
    });
  });
}
