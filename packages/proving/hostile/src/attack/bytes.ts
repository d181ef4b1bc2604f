import { randomBytes } from "node:crypto";
import type { Random } from "@sallyport/random";
import type { Target } from "./attack.ts";

const junkPeriod = 997;

/** The beginning of the first TLS message of a browser. The message claims to be longer than these bytes. */
export const tlsHello = (random: Random): Uint8Array =>
  Buffer.concat([
    Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]),
    junk(random, 64),
  ]);

/**
 * Long junk repeats itself, because drawing megabytes of random bytes would cost the attackers more than the
 * servers.
 */
export function junk(random: Random, length: number): Uint8Array {
  const drawn = random.bytes(Math.min(length, junkPeriod));
  return length === 0 ? drawn : Buffer.alloc(length, drawn);
}

export const httpRequest = ({ host, port }: Target): string =>
  `GET / HTTP/1.1\r\nHost: ${host}:${port}\r\nUser-Agent: nobody\r\nAccept: */*\r\n\r\n`;

export const upgradeRequest = ({ host, port }: Target): string =>
  `GET / HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`;

/** A binary WebSocket message, masked with zeros. Its header says that it is `claimed` bytes long. */
export function webSocketFrame(payload: Uint8Array, claimed = payload.length): Uint8Array {
  const header = Buffer.alloc(14);
  header[0] = 0x82;
  header[1] = 0x80 | 127;
  header.writeBigUInt64BE(BigInt(claimed), 2);
  return Buffer.concat([header, payload]);
}

/**
 * The header of a chat packet, which Ragnarok clients send on a map. Its length field has two bytes, which
 * contain the low bytes of `claimed`.
 */
export function packetHeader(claimed: number): Uint8Array {
  const header = Buffer.alloc(4);
  header.writeUInt16LE(0x00f3, 0);
  header.writeUInt16LE(claimed & 0xffff, 2);
  return header;
}

/**
 * The header of a request frame: `claimed` in four bytes, the kind 0 in one byte, and the correlation id 1 in
 * four bytes.
 */
export function frameHeader(claimed: number): Uint8Array {
  const header = Buffer.alloc(9);
  header.writeUInt32BE(claimed, 0);
  header.writeUInt32BE(1, 5);
  return header;
}
