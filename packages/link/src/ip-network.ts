import { ipBytes, mapped } from "./ip-address.ts";

/** Addresses that begin with the same bits. */
export interface IpNetwork {
  /** Sixteen bytes; an IPv4 address as a socket for both families reports it. */
  readonly bytes: readonly number[];
  /** How many of these bits identify the network. */
  readonly bits: number;
}

/** Reads `192.168.0.0/16` or a single address, of either family; null for other text. */
export function ipNetwork(text: string): IpNetwork | null {
  const [, address = "", prefix] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const bytes = ipBytes(address);
  if (bytes === null) return null;
  const bitsMax = bytes.length * 8;
  const bits = Number(prefix ?? bitsMax);
  return bits > bitsMax ? null : { bytes: mapped(bytes), bits: bits + (128 - bitsMax) };
}

export function isInNetwork({ bytes, bits }: IpNetwork, address: readonly number[]): boolean {
  const found = mapped(address);
  return bytes.every((byte, at) => {
    const mask = 0xff & (0xff00 >> Math.min(8, Math.max(0, bits - 8 * at)));
    return (byte & mask) === ((found[at] ?? 0) & mask);
  });
}

/**
 * Gives the entry with the smallest network that contains the address. Null: there is none, or `host` is not
 * an address.
 */
export function nearestOf<T extends { readonly network: string }>(all: readonly T[], host: string): T | null {
  const address = ipBytes(host);
  if (address === null) return null;
  let [nearest, bitsMost]: [T | null, number] = [null, -1];
  for (const each of all) {
    const network = ipNetwork(each.network);
    if (network === null || network.bits <= bitsMost || !isInNetwork(network, address)) continue;
    [nearest, bitsMost] = [each, network.bits];
  }
  return nearest;
}
