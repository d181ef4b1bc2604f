import { hostOf, ipAddress, ipText } from "./ip-address.ts";

/**
 * Returns the address under which clients are counted: an IPv4 address, or the first half of an IPv6 address.
 * One customer usually has all IPv6 addresses with the same first half. `remote` is host:port.
 */
export function addressOf(remote: string): string {
  const host = hostOf(remote);
  const address = ipAddress(host);
  if (address === null) return host;
  const text = ipText(address);
  return address.kind() === "ipv4" ? text : `${text.split(":").slice(0, 4).join(":")}::/64`;
}
