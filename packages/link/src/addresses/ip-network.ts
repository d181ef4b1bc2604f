import { asIpv6, type IpAddress, ipAddress } from "./ip-address.ts";

/** A network: all addresses that begin with the same bits. */
export interface IpNetwork {
  readonly address: ReturnType<typeof asIpv6>;
  /** This many of the 128 bits of `address` identify the network. */
  readonly bits: number;
}

/**
 * Reads a network such as `192.168.0.0/16`, or a single address. Both families are allowed, and
 * `::ffff:192.168.0.0/112` is the same network in IPv6 form. Returns null for any other text.
 */
export function ipNetwork(text: string): IpNetwork | null {
  const [, host = "", prefix] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = ipAddress(host);
  if (address === null) return null;
  const bitsMax = host.includes(":") ? 128 : 32;
  const bits = Number(prefix ?? bitsMax);
  return bits > bitsMax ? null : { address: asIpv6(address), bits: bits + (128 - bitsMax) };
}

export const isInNetwork = (network: IpNetwork, address: IpAddress): boolean =>
  asIpv6(address).match(network.address, network.bits);

/** Returns the entry with the smallest network that contains `host`. Returns null if no entry contains it. */
export function nearestOf<T extends { readonly network: string }>(all: readonly T[], host: string): T | null {
  const address = ipAddress(host);
  if (address === null) return null;
  let [nearest, bitsMost]: [T | null, number] = [null, -1];
  for (const each of all) {
    const network = ipNetwork(each.network);
    if (network === null || network.bits <= bitsMost || !isInNetwork(network, address)) continue;
    [nearest, bitsMost] = [each, network.bits];
  }
  return nearest;
}
