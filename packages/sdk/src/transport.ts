import type { ByteChannel } from "@sallyport/link";
import type { Connect, DoorAddress } from "./connection.ts";

/** How to reach the servers. Spread it into the options of `createClient`. */
export interface Transport {
  readonly connect: Connect;
  readonly login: DoorAddress;
  /**
   * The host to which this transport connects for an address. Null if the transport cannot use the address.
   */
  hostOf(address: DoorAddress): string | null;
}

/** The address of a server is not valid, or this transport cannot use it. */
export class AddressInvalid extends Error {
  override readonly name = "AddressInvalid";
}

export type OpenWebSocket = (url: string, withinMs: number) => Promise<ByteChannel>;

/** Uses WebSocket for all connections. A client that began with `wss://` never continues with `ws://`. */
export function webSocketTransport(url: string, open: OpenWebSocket): Transport {
  const { protocol, hostname, port } = parseUrl(url, ["ws:", "wss:"]);
  const isSecure = protocol === "wss:";
  return {
    login: { host: plainHost(hostname), port: Number(port) || (isSecure ? 443 : 80), wsUrl: url },
    hostOf: ({ wsUrl }) => (wsUrl ? plainHost(parseUrl(wsUrl, ["ws:", "wss:"]).hostname) : null),
    connect: async ({ host, port, wsUrl }, withinMs) => {
      if (!wsUrl) throw new AddressInvalid(`${host}:${port} is not open to clients over WebSocket`);
      const next = parseUrl(wsUrl, ["ws:", "wss:"]);
      if (isSecure && next.protocol !== "wss:")
        throw new AddressInvalid(`sent on to ${wsUrl}, which is not secured`);
      return open(wsUrl, withinMs);
    },
  };
}

export function parseUrl(url: string, protocols: readonly string[]): URL {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed !== null && parsed.hostname !== "" && parsed.hash === "" && protocols.includes(parsed.protocol))
    return parsed;
  throw new AddressInvalid(
    `${url} is not an address like ${protocols.map((each) => `${each}//host`).join(", ")}`,
  );
}

/** Removes the brackets around an IPv6 address in a URL. */
export const plainHost = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, "$1");
