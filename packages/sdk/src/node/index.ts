import { connectTcp, connectTls } from "@sallyport/link/tcp";
import { connectWebSocket } from "@sallyport/link/websocket";
import type { Connect } from "../connection.ts";
import { parseUrl, plainHost, type Transport, webSocketTransport } from "../transport.ts";

export * from "../index.ts";

export const loginPort = 7100;

/** Connects over TCP without encryption. */
export const tcpConnect: Connect = (address, withinMs) => connectTcp(address, withinMs);

export interface TransportOptions {
  /** Certificates in PEM to trust instead of the certificates of the system. */
  readonly ca?: string;
}

/**
 * Reaches the servers by `tcp://`, `tls://`, `ws://` or `wss://`. `url` is the address of a login-server. All
 * later connections use the same way, so a client that began with TLS never continues without it. Throws
 * `AddressInvalid`.
 */
export function transportTo(url: string, { ca }: TransportOptions = {}): Transport {
  const trusted = ca === undefined ? {} : { ca };
  const { protocol, hostname, port } = parseUrl(url, ["tcp:", "tls:", "ws:", "wss:"]);
  if (protocol === "ws:" || protocol === "wss:")
    return webSocketTransport(url, (to, withinMs) => connectWebSocket(to, withinMs, trusted));
  return {
    login: { host: plainHost(hostname), port: Number(port) || loginPort },
    hostOf: ({ host }) => host,
    connect: protocol === "tcp:" ? tcpConnect : (address, withinMs) => connectTls(address, withinMs, trusted),
  };
}
