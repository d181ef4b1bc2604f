import { hostOf, ipBytes, ipGroups, ipText } from "./ip-address.ts";

/**
 * What counts as one address when clients are counted: an IPv4 address, or the first half of an IPv6 address,
 * because a single customer usually has the whole other half. `remote` is host:port.
 */
export function addressOf(remote: string): string {
  const host = hostOf(remote);
  const bytes = ipBytes(host);
  if (bytes === null) return host;
  return bytes.length === 4 ? ipText(bytes) : `${ipGroups(bytes).slice(0, 4).join(":")}::/64`;
}
