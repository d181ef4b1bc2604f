import type { ByteChannel } from "@sallyport/link";
import type { Connect, DoorAddress } from "./connection.ts";

/** How servers are reached, and the first of them: spread it into the options of `createClient`. */
export interface Transport {
  readonly connect: Connect;
  readonly login: DoorAddress;
  /** The machine that this address leads to, as this transport takes it; null where it leads nowhere. */
  hostOf(address: DoorAddress): string | null;
}

/** What was given as the address of a server is none. */
export class AddressInvalid extends Error {
  override readonly name = "AddressInvalid";
}

export type OpenWebSocket = (url: string, withinMs: number) => Promise<ByteChannel>;

/** By WebSocket through all doors; whoever came by wss:// goes nowhere by less. */
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

/** Without the brackets that stand around an IPv6 address in a URL. */
export const plainHost = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, "$1");
