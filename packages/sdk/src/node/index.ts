import { connectTcp, connectTls } from "@sallyport/link/tcp";
import { connectWebSocket } from "@sallyport/link/websocket";
import type { Connect } from "../connection.ts";
import { parseUrl, plainHost, type Transport, webSocketTransport } from "../transport.ts";

export * from "../index.ts";

/** The default port of a login-server. */
export const loginPort = 7100;

/** The native protocol over TCP. */
export const tcpConnect: Connect = (address, withinMs) => connectTcp(address, withinMs);

export interface TransportOptions {
  /** Certificates in PEM to trust, in place of those that the system trusts. */
  readonly ca?: string;
}

/**
 * Connects to a login-server by `tcp://`, `tls://`, `ws://` or `wss://`, and to the doors after it in the
 * same way: a client that started with TLS never continues without it. Throws `AddressInvalid`.
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
