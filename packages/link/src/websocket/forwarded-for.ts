import { hostOf, ipAddress, ipText } from "../addresses/ip-address.ts";

/**
 * Finds the client behind a chain of HTTP proxies. Each proxy appends to `X-Forwarded-For` the address that
 * connected to this proxy. So this function reads the list from its end, and stops at the first address that
 * is no known proxy: a client may have written the rest.
 *
 * `remote` is host:port of the connection itself. Returns host:port of the client, with port 0 if the list
 * has no port. If an entry is not an address, the proxy that wrote the entry is treated as the client.
 */
export function forwardedFor(
  list: string | readonly string[] | undefined,
  remote: string,
  isProxy: (address: string) => boolean,
): string {
  const entries = [list ?? []].flat().flatMap((each) => each.split(","));
  let [host, told] = [hostOf(remote), remote];
  while (isProxy(host)) {
    const next = endpointOf(entries.pop());
    if (next === null) break;
    host = next.host;
    told = `${host}:${next.port}`;
  }
  return told;
}

/** Some proxies also write a port. They put an IPv6 address into brackets, with or without a port. */
function endpointOf(entry = ""): { readonly host: string; readonly port: number } | null {
  const text = entry.trim();
  const [, host = text, port = "0"] =
    /^\[([\da-f:.]+)\](?::(\d{1,5}))?$/i.exec(text) ?? /^([\d.]+):(\d{1,5})$/.exec(text) ?? [];
  const address = ipAddress(host);
  return address === null || Number(port) > 0xffff ? null : { host: ipText(address), port: Number(port) };
}
