import { ipAddress, ipNetwork, isInNetwork } from "@sallyport/link/addresses";
import { listed, type Setting } from "./settings.ts";

type NetworkCheck = (address: string) => boolean;
export type ProxyCheck = NetworkCheck;

/** A setting with addresses and networks. The value is null if the text is empty or `none`. */
export const networksSetting = (
  variable: string,
  doc: string,
  fallback: string,
): Setting<NetworkCheck | null> => ({
  variable,
  doc,
  fallback,
  parse(text) {
    if (text === "" || text === "none") return { ok: true, value: null };
    const networks = listed(text).map(ipNetwork);
    if (!networks.every((network) => network !== null))
      return { ok: false, expected: "a list of addresses and networks like 127.0.0.1,10.0.0.0/8,fd00::/8" };
    const isListed: NetworkCheck = (host) => {
      const address = ipAddress(host);
      return address !== null && networks.some((network) => isInNetwork(network, address));
    };
    return { ok: true, value: isListed };
  },
});

/**
 * These proxies tell the server the addresses of clients, and the server believes them. The value is null if
 * there are no proxies.
 */
export const proxiesSetting: Setting<ProxyCheck | null> = {
  ...networksSetting(
    "PROXY_FROM",
    "Addresses and networks of trusted proxies, separated by commas, like 127.0.0.1,10.0.0.0/8. A connection from one of them has to begin with a PROXY header, version 1 or 2, which names the address of the client. On WebSocket ports, an X-Forwarded-For header may replace the PROXY header, and on RESOURCE_HTTP_PORT it has to. If this setting is empty, there are no proxies.",
    "",
  ),
  topic: "doors",
};
