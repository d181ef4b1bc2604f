/*
 * The cipher of the protocol is RC4, begun anew for each message, with one fixed key for each direction. So the
 * key stream is the same for every message, and one stream is drawn once. It protects nothing: the keys are in
 * every copy of the client.
 */

/** The greatest payload in bytes, of both ends. A longer one of a client closes its connection. */
export const payloadBytesMax = 8_192;

/** The first bytes of the RC4 key stream of a key in ASCII. */
export function keyStream(key: string, bytes: number): Uint8Array {
  const box = Uint8Array.from({ length: 256 }, (_, index) => index);
  const at = (index: number): number => box[index & 0xff] ?? 0;
  const swap = (i: number, j: number): void => {
    [box[i & 0xff], box[j & 0xff]] = [at(j), at(i)];
  };
  let j = 0;
  for (let i = 0; i < 256; i += 1) {
    j = (j + at(i) + key.charCodeAt(i % key.length)) & 0xff;
    swap(i, j);
  }
  j = 0;
  return Uint8Array.from({ length: bytes }, (_, index) => {
    const i = (index + 1) & 0xff;
    j = (j + at(i)) & 0xff;
    swap(i, j);
    return at(at(i) + at(j));
  });
}

/** What the clients of version 0.106 call their encstring and decstring. */
const fromClient = keyStream("retrtz7jmijb5467n47", payloadBytesMax);
const toClient = keyStream("t54gz65u74njb6zg6", payloadBytesMax);

const mixed = (payload: Uint8Array, stream: Uint8Array): Uint8Array =>
  payload.map((byte, index) => byte ^ (stream[index] ?? 0));

/** Decrypts a payload of a client, of at most `payloadBytesMax` bytes. */
export const decrypted = (payload: Uint8Array): Uint8Array => mixed(payload, fromClient);
/** Encrypts a payload for a client, of at most `payloadBytesMax` bytes. */
export const encrypted = (payload: Uint8Array): Uint8Array => mixed(payload, toClient);
