import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;

/** Ignores a zone. IPv4 written as IPv6 becomes IPv4. Null if `host` is not an IP address. */
export function ipAddress(host: string): IpAddress | null {
  const [bare = ""] = host.split("%");
  // The library would also accept octal numbers, and IPv4 addresses with fewer than four numbers.
  if (isIP(bare) === 0) return null;
  // Without the 0 the library would read ::192.0.2.1 as ::ffff:192.0.2.1.
  return known(ipaddr.parse(bare.replace(/^::(?=\d+\.)/, "0::")));
}

export const ipAddressOf = (bytes: Iterable<number>): IpAddress => known(ipaddr.fromByteArray([...bytes]));

/** A socket for both families reports IPv4 addresses in the form of IPv6. */
const known = (address: IpAddress): IpAddress =>
  "toIPv4Address" in address && address.isIPv4MappedAddress() ? address.toIPv4Address() : address;

/** The form in which a socket for both families reports the address. */
export const asIpv6 = (address: IpAddress): ipaddr.IPv6 =>
  "toIPv4MappedAddress" in address ? address.toIPv4MappedAddress() : address;

/** Gives the same text for the same address, with all groups of IPv6 written out. */
export const ipText = (address: IpAddress): string => address.toNormalizedString();

/** The host of `host:port`. An IPv6 host may have no brackets. */
export const hostOf = (remote: string): string => /^(.*):\d{1,5}$/.exec(remote)?.[1] ?? remote;
