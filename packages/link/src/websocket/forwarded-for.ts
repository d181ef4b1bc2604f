import { hostOf, ipAddress, ipText } from "../addresses/ip-address.ts";

/**
 * Finds the client behind a chain of HTTP proxies. Each proxy appends to `X-Forwarded-For` the address from
 * which it got the request. So this function reads the list from its end, and stops at the first address that
 * is no known proxy. The entries before that one can be forged by the client.
 *
 * `remote` is host:port of the connection itself. Returns host:port of the client. The port is 0 if the list
 * has no port. If an entry is not an address, the proxy that wrote the entry counts as the client.
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

/** Reads an entry, with or without a port. An IPv6 address can be in brackets in both cases. */
function endpointOf(entry = ""): { readonly host: string; readonly port: number } | null {
  const text = entry.trim();
  const [, host = text, port = "0"] =
    /^\[([\da-f:.]+)\](?::(\d{1,5}))?$/i.exec(text) ?? /^([\d.]+):(\d{1,5})$/.exec(text) ?? [];
  const address = ipAddress(host);
  return address === null || Number(port) > 0xffff ? null : { host: ipText(address), port: Number(port) };
}
