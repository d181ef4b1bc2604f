import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;

/**
 * Parses an IP address without its zone. An IPv4 address in IPv6 form becomes IPv4. Returns null if `host` is
 * not an IP address.
 */
export function ipAddress(host: string): IpAddress | null {
  const [bare = ""] = host.split("%");
  // The library alone would also accept octal numbers, and IPv4 addresses with fewer than four numbers.
  if (isIP(bare) === 0) return null;
  // The library would read ::192.0.2.1 as ::ffff:192.0.2.1. With the 0 it does not.
  return known(ipaddr.parse(bare.replace(/^::(?=\d+\.)/, "0::")));
}

export const ipAddressOf = (bytes: Iterable<number>): IpAddress => known(ipaddr.fromByteArray([...bytes]));

/**
 * A socket for both families reports an IPv4 address in IPv6 form. This function returns the IPv4 address.
 */
const known = (address: IpAddress): IpAddress =>
  "toIPv4Address" in address && address.isIPv4MappedAddress() ? address.toIPv4Address() : address;

/** Returns the address in the form that a socket for both families reports. */
export const asIpv6 = (address: IpAddress): ipaddr.IPv6 =>
  "toIPv4MappedAddress" in address ? address.toIPv4MappedAddress() : address;

/** Returns the same text for the same address. All groups of an IPv6 address are written out. */
export const ipText = (address: IpAddress): string => address.toNormalizedString();

/** Returns `host:port` as a URL has it: with brackets around an IPv6 address, whose colons end nothing. */
export const hostAndPort = ({ host, port }: { readonly host: string; readonly port: number }): string =>
  `${host.includes(":") ? `[${host}]` : host}:${port}`;

/** Returns the host of `host:port`. An IPv6 host can be without brackets. */
export const hostOf = (remote: string): string => /^(.*):\d{1,5}$/.exec(remote)?.[1] ?? remote;
