import { hostOf, ipBytes, ipText } from "../ip-address.ts";

/**
 * Who is behind a chain of HTTP proxies. Each writes at the end of `X-Forwarded-For` who connected to it, so the list
 * is read from its end, and no further than proxies are known: what stands before that anybody may have written.
 *
 * `remote`: host:port of the connection itself. Returns the same for whoever is meant; port 0 where none is named. An
 * entry that is no address ends the list, too: then it is the proxy that wrote it.
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

/** Some write a port as well; an IPv6 address then stands in brackets, as it may without one. */
function endpointOf(entry = ""): { readonly host: string; readonly port: number } | null {
  const text = entry.trim();
  const [, host = text, port = "0"] =
    /^\[([\da-f:.]+)\](?::(\d{1,5}))?$/i.exec(text) ?? /^([\d.]+):(\d{1,5})$/.exec(text) ?? [];
  const bytes = ipBytes(host);
  return bytes === null || Number(port) > 0xffff ? null : { host: ipText(bytes), port: Number(port) };
}
