import { WireError } from "@sallyport/wire";

/*
 * PROXY protocol, version 2 (haproxy.org, proxy-protocol.txt, section 2.2): what a proxy says before the first byte of a
 * connection about the one that it was made for. 12 bytes of signature, version and command, family and transport, u16
 * length of what follows; then both addresses and both ports, and further fields (TLVs), which are passed over.
 */

interface Endpoint {
  /** IPv4 or IPv6. */
  readonly host: string;
  readonly port: number;
}

export interface Proxied {
  /** Who connected to the proxy. */
  readonly source: Endpoint;
  /** Where. */
  readonly destination: Endpoint;
}

/** By these it is known how many follow: see `proxyHeaderRest`. */
export const proxyPrefixBytes = 16;
/** Addresses take 36 and further fields some dozens; who says more does not mean well. */
const restBytesMax = 1_024;

const signature = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
const local = 0x20;
const proxied = 0x21;
/** Over TCP, by the bytes that an address has. The low half says TCP; others are of no connection like this. */
const overIpv4 = 0x11;
const overIpv6 = 0x21;
const addressBytes = { [overIpv4]: 4, [overIpv6]: 16 } as const;

/** Throws `RangeError` for a host that is no IP address. */
export function encodeProxyHeader({ source, destination }: Proxied): Uint8Array {
  const hosts = [source.host, destination.host].map(bytesOf);
  const isIpv4 = hosts.every((host) => host.length === 4);
  const [from = [], to = []] = isIpv4 ? hosts : hosts.map(mapped);
  const ports = [source.port, destination.port].flatMap((port) => [port >> 8, port & 0xff]);
  const rest = [...from, ...to, ...ports];
  const head = [...signature, proxied, isIpv4 ? overIpv4 : overIpv6, 0, rest.length];
  return new Uint8Array([...head, ...rest]);
}

/** How many bytes follow the prefix. Throws `WireError` where it is none. */
export function proxyHeaderRest(prefix: Uint8Array): number {
  if (prefix.length !== proxyPrefixBytes || signature.some((byte, at) => prefix[at] !== byte))
    throw new WireError("proxy header", "no signature");
  const restBytes = u16At(prefix, 14);
  if (restBytes > restBytesMax) throw new WireError("proxy header", "longer than allowed");
  return restBytes;
}

/** Null: the connection is the proxy's own, or one of a kind that has no address here. Throws `WireError` on nonsense. */
export function parseProxyHeader(prefix: Uint8Array, rest: Uint8Array): Proxied | null {
  const [command, family] = [prefix[12], prefix[13] ?? 0];
  if (rest.length !== proxyHeaderRest(prefix)) throw new WireError("proxy header", "of another length");
  if (command === local) return null;
  if (command !== proxied) throw new WireError("proxy header", "unknown version or command");
  if (family !== overIpv4 && family !== overIpv6) {
    if (family >> 4 > 3 || (family & 0xf) > 2) throw new WireError("proxy header", "unknown family");
    return null;
  }
  const size = addressBytes[family];
  if (rest.length < 2 * size + 4) throw new WireError("proxy header", "shorter than its addresses");
  const endpoint = (nth: number): Endpoint => ({
    host: hostOf(rest.subarray(nth * size, (nth + 1) * size)),
    port: u16At(rest, 2 * size + 2 * nth),
  });
  return { source: endpoint(0), destination: endpoint(1) };
}

const u16At = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

const mappedPrefix = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
const mapped = (host: readonly number[]): readonly number[] =>
  host.length === 4 ? [...mappedPrefix, ...host] : host;

const dotted = /(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** Four bytes for IPv4, also where a socket of both families writes it as IPv6; sixteen for others. */
function bytesOf(host: string): readonly number[] {
  const [bare = ""] = host.toLowerCase().split("%");
  const quad = dotted.exec(bare)?.slice(1).map(Number) ?? [];
  const bytes = quad.length > 0 && !bare.includes(":") ? quad : ipv6Bytes(bare, quad);
  if (bytes.length === 0 || [...bytes, ...quad].some((byte) => byte > 0xff))
    throw new RangeError(`${host} is no IP address`);
  return isMapped(bytes) ? bytes.slice(mappedPrefix.length) : bytes;
}

/** Nothing where it is none. Its end may be written as the four bytes of `quad`. */
function ipv6Bytes(host: string, [a = 0, b = 0, c = 0, d = 0]: readonly number[]): readonly number[] {
  const [before = "", after, ...more] = host
    .replace(dotted, `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`)
    .split("::");
  const groups = (text = ""): string[] => (text === "" ? [] : text.split(":"));
  const [left, right] = [groups(before), groups(after)];
  const zeros = after === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const all = [...left, ...Array.from({ length: zeros }, () => "0"), ...right];
  if (more.length > 0 || all.length !== 8 || !all.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return [];
  return all.map((group) => Number.parseInt(group, 16)).flatMap((group) => [group >> 8, group & 0xff]);
}

const isMapped = (bytes: ArrayLike<number>): boolean =>
  bytes.length === 16 && mappedPrefix.every((byte, at) => bytes[at] === byte);

function hostOf(bytes: Uint8Array): string {
  if (bytes.length === 4 || isMapped(bytes)) return bytes.subarray(-4).join(".");
  const groups = Array.from({ length: 8 }, (_, nth) => u16At(bytes, 2 * nth).toString(16));
  return groups.join(":");
}
