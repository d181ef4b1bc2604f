import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;

/** An IPv4 address even if it is written as IPv6; without its zone; null if `host` is not an IP address. */
export function ipAddress(host: string): IpAddress | null {
  const [bare = ""] = host.split("%");
  // The library also reads octal numbers, and IPv4 addresses of fewer numbers than four.
  if (isIP(bare) === 0) return null;
  // Without the 0 the library would read ::192.0.2.1 as ::ffff:192.0.2.1.
  return known(ipaddr.parse(bare.replace(/^::(?=\d+\.)/, "0::")));
}

/** The address that has these four or sixteen bytes. */
export const ipAddressOf = (bytes: Iterable<number>): IpAddress => known(ipaddr.fromByteArray([...bytes]));

/** A socket for both families reports an IPv4 address in the form of IPv6. */
const known = (address: IpAddress): IpAddress =>
  "toIPv4Address" in address && address.isIPv4MappedAddress() ? address.toIPv4Address() : address;

/** The form of IPv6 that a socket for both families reports. */
export const asIpv6 = (address: IpAddress): ipaddr.IPv6 =>
  "toIPv4MappedAddress" in address ? address.toIPv4MappedAddress() : address;

/** Gives the same text for the same address, with all groups of IPv6 written out. */
export const ipText = (address: IpAddress): string => address.toNormalizedString();

/** The host of `host:port`. An IPv6 host may have no brackets. */
export const hostOf = (remote: string): string => /^(.*):\d{1,5}$/.exec(remote)?.[1] ?? remote;
