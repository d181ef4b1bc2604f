import net from "node:net";
import tls from "node:tls";
import { hostAndPort } from "../addresses/ip-address.ts";
import type { ByteChannel } from "../channel.ts";
import { BehindProxies } from "./behind-proxies.ts";
import { type HandshakeBounds, Handshakes } from "./handshakes.ts";
import { type Address, remoteOf, tcpChannel } from "./tcp-channel.ts";
import { describeTlsError, followSource, type ListenTls, serverTlsOptions } from "./tls.ts";

export interface TcpListener {
  /**
   * The address on which the listener listens. If the requested port was 0, this is the port that the system
   * picked.
   */
  readonly address: Address;
  /** Stops accepting connections. Open channels stay open. */
  stop(): Promise<void>;
}

export interface ListenOptions extends HandshakeBounds {
  readonly connectionsMax?: number;
  /** If present, the listener accepts only TLS. */
  readonly tls?: ListenTls;
  /**
   * After this many milliseconds without a byte from a client, the system asks its machine for a sign of life.
   * For protocols in which nothing else shows that a silent client is gone. If absent, the system never asks.
   */
  readonly keepAliveMs?: number;
}

export class ListenFailed extends Error {
  override readonly name = "ListenFailed";
}

/** Listens for connections. Rejects with `ListenFailed`, which contains the address. */
export async function listenTcp(
  address: Address,
  accept: (channel: ByteChannel) => void,
  options: ListenOptions = {},
): Promise<TcpListener> {
  const proxies = behindProxies(options, "required");
  const seenAs = proxies?.seenAs ?? remoteOf;
  const admit = (socket: net.Socket): void => {
    if (isGone(socket)) return void socket.destroy();
    if (options.keepAliveMs !== undefined) socket.setKeepAlive(true, options.keepAliveMs);
    accept(tcpChannel(socket, seenAs(socket)));
  };
  if (options.tls === undefined) {
    const plain = net.createServer({ allowHalfOpen: true }, admit);
    return startListening(plain, address, { ...options, proxies });
  }
  const handshakes = new Handshakes(options, seenAs);
  const server = tls.createServer({ ...serverTlsOptions(options.tls), allowHalfOpen: true });
  onSecured(server, options.tls, handshakes, (socket) => {
    handshakes.done(socket);
    admit(socket);
  });
  const unfollow = followSource(server, options.tls.source);
  return startListening(server, address, { ...options, proxies }, () => {
    unfollow();
    handshakes.stop();
  });
}

/** True if the connection was cut off. Its address is then lost, but earlier bytes may still be readable. */
export const isGone = (socket: net.Socket): boolean => socket.remoteAddress === undefined;

export const behindProxies = (
  options: ListenOptions,
  header: "required" | "optional",
): BehindProxies | null => (options.isProxy ? new BehindProxies(options, options.isProxy, header) : null);

/**
 * Calls `secured` for each connection whose TLS handshake is complete and whose client is allowed to connect.
 */
export function onSecured(
  server: tls.Server,
  { clientsMustShow = false }: ListenTls,
  handshakes: Handshakes,
  secured: (socket: tls.TLSSocket) => void,
): void {
  server.on("connection", (socket: net.Socket) => handshakes.begin(socket));
  server.on("tlsClientError", (error, socket) => {
    // If the connection is gone, its end was already reported.
    if (socket.remoteAddress !== undefined) handshakes.refuse(socket, "tls", describeTlsError(error));
  });
  server.on("secureConnection", (socket) => {
    if (!clientsMustShow || socket.authorized) return secured(socket);
    const hasCertificate = Object.keys(socket.getPeerCertificate()).length > 0;
    // `authorizationError` contains an error code, although its declared type is `Error`.
    const error = { code: String(socket.authorizationError), message: "" };
    handshakes.refuse(socket, "tls", hasCertificate ? describeTlsError(error) : "showed no certificate");
  });
}

export async function startListening(
  behind: net.Server,
  address: Address,
  { connectionsMax, proxies }: Pick<ListenOptions, "connectionsMax"> & { proxies: BehindProxies | null },
  stopped: () => void = () => {},
): Promise<TcpListener> {
  const server = proxies?.before(behind) ?? behind;
  if (connectionsMax !== undefined) server.maxConnections = connectionsMax;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "EADDRINUSE" ? "already in use" : (error.code ?? error.message);
      stopped();
      reject(new ListenFailed(`cannot listen on ${hostAndPort(address)}: ${why}`));
    });
    server.listen({ host: address.host, port: address.port, backlog: 1024 }, resolve);
  });
  const bound = server.address() as net.AddressInfo;
  return {
    address: { host: address.host, port: bound.port },
    stop: () =>
      new Promise((resolve) => {
        // No callback is passed, because Node would call it only after all open connections have ended.
        server.close();
        proxies?.stop();
        stopped();
        resolve();
      }),
  };
}
