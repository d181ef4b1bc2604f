import net from "node:net";
import type { ByteChannel } from "../channel.ts";
import { type Address, tcpChannel } from "./tcp-channel.ts";

export interface TcpListener {
  /** With the port that was given when 0 was asked for. */
  readonly address: Address;
  /** Accepts nothing more; open channels stay. */
  stop(): Promise<void>;
}

export class ListenFailed extends Error {
  override readonly name = "ListenFailed";
}

/** Rejects with `ListenFailed`, which names the address. */
export async function listenTcp(
  address: Address,
  accept: (channel: ByteChannel) => void,
  options: { readonly connectionsMax?: number } = {},
): Promise<TcpListener> {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => accept(tcpChannel(socket)));
  if (options.connectionsMax !== undefined) server.maxConnections = options.connectionsMax;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "EADDRINUSE" ? "already in use" : (error.code ?? error.message);
      reject(new ListenFailed(`cannot listen on ${address.host}:${address.port}: ${why}`));
    });
    server.listen({ host: address.host, port: address.port, backlog: 1024 }, resolve);
  });
  const bound = server.address() as net.AddressInfo;
  return {
    address: { host: address.host, port: bound.port },
    stop: () =>
      new Promise((resolve) => {
        // Resolves only when open sockets are gone too, which is not what stopping to listen means.
        server.close();
        resolve();
      }),
  };
}
