import { WireError } from "@sallyport/wire";
import { asIpv6, hostOf, type IpAddress, ipAddress, ipAddressOf, ipText } from "./ip-address.ts";

/**
 * PROXY protocol (haproxy.org, proxy-protocol.txt): before the first byte of a connection, a proxy sends the
 * address of the client.
 *
 * Version 1 (section 2.1) is a line of at most 107 bytes that ends with CR LF, such as "PROXY TCP4 192.0.2.1
 * 198.51.100.1 56324 443". The second word can also be TCP6. If it is UNKNOWN, any text can follow.
 *
 * Version 2 (section 2.2) consists of 12 bytes of signature, one byte of version and command, one byte of
 * family and transport, a u16 length of the rest, both addresses, both ports, and further fields (TLVs). This
 * file ignores the further fields.
 */

interface Endpoint {
  /** An IPv4 or IPv6 address. */
  readonly host: string;
  readonly port: number;
}

export interface Proxied {
  /** The client that connected to the proxy. */
  readonly source: Endpoint;
  /** The client connected to this address. */
  readonly destination: Endpoint;
}

export type ProxyHeaderRead =
  /**
   * The bytes are a part of a header. Call again with `missing` more bytes. All of them belong to the header.
   */
  | { readonly is: "part"; readonly missing: number }
  /**
   * The bytes are a whole header. `told` is null in two cases. 1: the proxy itself connected. 2: this kind of
   * connection has no address.
   */
  | { readonly is: "header"; readonly told: Proxied | null }
  /** The bytes are not the beginning of a header. */
  | { readonly is: "other" };

/** Addresses take 36 bytes, and further fields take a few dozen. A longer header is an attack. */
const restBytesMax = 1_024;
const lineBytesMax = 107;

const signature = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
/** The text "PROXY ". */
const lineSignature = [0x50, 0x52, 0x4f, 0x58, 0x59, 0x20];
const prefixBytes = 16;
const local = 0x20;
const proxied = 0x21;
/** This byte means TCP over IPv4. Only TCP connections are possible here. */
const overIpv4 = 0x11;
const overIpv6 = 0x21;
const addressBytes = { [overIpv4]: 4, [overIpv6]: 16 } as const;

/** Encodes a header of version 2. Throws `RangeError` if a host is not an IP address. */
export function encodeProxyHeader({ source, destination }: Proxied): Uint8Array {
  const hosts = [source.host, destination.host].map(addressOf);
  const isIpv4 = hosts.every((host) => host.kind() === "ipv4");
  const ports = [source.port, destination.port].flatMap((port) => [port >> 8, port & 0xff]);
  const addresses = (isIpv4 ? hosts : hosts.map(asIpv6)).flatMap((host) => host.toByteArray());
  const rest = [...addresses, ...ports];
  const head = [...signature, proxied, isIpv4 ? overIpv4 : overIpv6, 0, rest.length];
  return new Uint8Array([...head, ...rest]);
}

/**
 * Encodes the header of a proxy for its client at `remote` (`host:port`). `at` is the door of the proxy. If its
 * host is a name, the header has 0.0.0.0 instead, because no server uses this address.
 */
export function proxyHeaderFor(
  remote: string,
  at: { readonly host: string; readonly port: number },
): Uint8Array {
  const host = ipAddress(at.host) === null ? "0.0.0.0" : at.host;
  return encodeProxyHeader({
    source: { host: hostOf(remote), port: Number(remote.slice(remote.lastIndexOf(":") + 1)) },
    destination: { host, port: at.port },
  });
}

function addressOf(host: string): IpAddress {
  const address = ipAddress(host);
  if (address === null) throw new RangeError(`${host} is no IP address`);
  return address;
}

/**
 * Reads the first bytes of a connection. The bytes must not go beyond the end of the header. So the first
 * call passes no bytes, and each further call passes the same bytes and `missing` more. Throws `WireError`
 * for a malformed header.
 */
export function readProxyHeader(bytes: Uint8Array): ProxyHeaderRead {
  if (begins(bytes, lineSignature)) return readLine(bytes);
  if (begins(bytes, signature)) return readBinary(bytes);
  return { is: "other" };
}

/** Compares the bytes up to the length of the shorter argument. */
const begins = (bytes: Uint8Array, signature: readonly number[]): boolean =>
  bytes.subarray(0, signature.length).every((byte, at) => byte === signature[at]);

function readLine(bytes: Uint8Array): ProxyHeaderRead {
  // Read one byte at a time, because the end of the line is not known before it arrives. The bytes after the
  // line belong to another reader.
  if (bytes.at(-1) !== 0x0a) {
    if (bytes.length >= lineBytesMax) throw new WireError("proxy header", "a line longer than allowed");
    return { is: "part", missing: 1 };
  }
  const line = new TextDecoder("latin1").decode(bytes);
  if (/^PROXY UNKNOWN(?: .*)?\r\n$/.test(line)) return { is: "header", told: null };
  const [, family, from = "", to = "", fromPort = "", toPort = ""] =
    /^PROXY (TCP4|TCP6) (\S+) (\S+) (\d{1,5}) (\d{1,5})\r\n$/.exec(line) ?? [];
  const isOfFamily = (host: string): boolean => host.includes(":") === (family === "TCP6");
  const endpoint = (host: string, port: string): Endpoint => {
    const address = ipAddress(host);
    if (address === null || !isOfFamily(host) || host.includes("%") || Number(port) > 0xffff)
      throw new WireError("proxy header", "a line that is none of version 1");
    return { host: ipText(address), port: Number(port) };
  };
  return {
    is: "header",
    told: { source: endpoint(from, fromPort), destination: endpoint(to, toPort) },
  };
}

function readBinary(bytes: Uint8Array): ProxyHeaderRead {
  // Until the signature is complete, these bytes can belong to another protocol. So the reader takes one byte
  // at a time.
  if (bytes.length < signature.length) return { is: "part", missing: 1 };
  if (bytes.length < prefixBytes) return { is: "part", missing: prefixBytes - bytes.length };
  const restBytes = u16At(bytes, 14);
  if (restBytes > restBytesMax) throw new WireError("proxy header", "longer than allowed");
  const missing = prefixBytes + restBytes - bytes.length;
  if (missing > 0) return { is: "part", missing };
  if (missing < 0) throw new WireError("proxy header", "of another length");
  return { is: "header", told: parseBinary(bytes) };
}

function parseBinary(header: Uint8Array): Proxied | null {
  const [command, family] = [header[12], header[13] ?? 0];
  const rest = header.subarray(prefixBytes);
  if (command === local) return null;
  if (command !== proxied) throw new WireError("proxy header", "unknown version or command");
  if (family !== overIpv4 && family !== overIpv6) {
    if (family >> 4 > 3 || (family & 0xf) > 2) throw new WireError("proxy header", "unknown family");
    return null;
  }
  const size = addressBytes[family];
  if (rest.length < 2 * size + 4) throw new WireError("proxy header", "shorter than its addresses");
  const endpoint = (nth: number): Endpoint => ({
    host: ipText(ipAddressOf(rest.subarray(nth * size, (nth + 1) * size))),
    port: u16At(rest, 2 * size + 2 * nth),
  });
  return { source: endpoint(0), destination: endpoint(1) };
}

const u16At = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
