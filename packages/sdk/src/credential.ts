import type { SaltOffer } from "@sallyport/domain";
import { argon2id, createHMAC, createSHA256 } from "hash-wasm";

/*
 * The client's part of the hashed login: SCRAM (RFC 5802) with argon2id (RFC 9106) in place of PBKDF2. The
 * slow argon2id turns the password into three keys. With these keys, a login costs two HMACs.
 */

/** The keys of a password with one salt. Keep them secret: `clientKey` alone is enough to log in. */
export interface LoginKeys {
  readonly clientKey: Uint8Array;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

/** The fields of `login.prove`, and the answer to expect. */
export interface Proof {
  readonly proof: Uint8Array;
  readonly clientNonce: Uint8Array;
  /** A server that knows the account answers with these bytes. */
  readonly serverSignature: Uint8Array;
}

/*
 * The server chooses the cost. A cost above these bounds would freeze the client. With a cost below these
 * bounds, a false server could collect proofs and easily guess the password from them.
 */
const costBounds = {
  memoryKib: [8 * 1024, 256 * 1024],
  iterations: [1, 16],
  parallelism: [1, 16],
} as const;

/**
 * Checks the cost that a server asks for. If the cost is outside the bounds, a login is refused with
 * `server-not-genuine`.
 */
export function isCostAcceptable(offer: SaltOffer): boolean {
  const within = (name: keyof typeof costBounds): boolean => {
    const [least, most] = costBounds[name];
    return offer[name] >= least && offer[name] <= most;
  };
  return within("memoryKib") && within("iterations") && within("parallelism");
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const sha256 = createSHA256();

// All calls can share one hasher, because nothing else runs between `init` and `digest`.
async function hmac(key: Uint8Array, message: Uint8Array): Promise<Uint8Array> {
  const keyed = await createHMAC(sha256, key);
  return keyed.init().update(message).digest("binary");
}

async function hash(message: Uint8Array): Promise<Uint8Array> {
  return (await sha256).init().update(message).digest("binary");
}

/** Runs argon2id, which is slow on purpose. */
export async function deriveLoginKeys(password: string, offer: SaltOffer): Promise<LoginKeys> {
  const saltedPassword = await argon2id({
    password: utf8(password.normalize("NFKC")),
    salt: offer.salt,
    memorySize: offer.memoryKib,
    iterations: offer.iterations,
    parallelism: offer.parallelism,
    hashLength: 32,
    outputType: "binary",
  });
  const clientKey = await hmac(saltedPassword, utf8("Client Key"));
  return {
    clientKey,
    storedKey: await hash(clientKey),
    serverKey: await hmac(saltedPassword, utf8("Server Key")),
  };
}

/** Computes the proof for `login.prove`. Each login needs a new `clientNonce`. */
export async function prove(
  keys: LoginKeys,
  name: string,
  offer: Pick<SaltOffer, "nonce" | "salt">,
  clientNonce: Uint8Array,
): Promise<Proof> {
  const authMessage = joined([
    utf8("sallyport-scram-2"),
    new Uint8Array(1),
    utf8(name.toLowerCase()),
    new Uint8Array(1),
    offer.nonce,
    clientNonce,
    offer.salt,
  ]);
  const clientSignature = await hmac(keys.storedKey, authMessage);
  return {
    clientNonce,
    proof: keys.clientKey.map((byte, index) => byte ^ (clientSignature[index] ?? 0)),
    serverSignature: await hmac(keys.serverKey, authMessage),
  };
}

/** Returns 32 bytes for `prove` from a secure random source. */
export const drawNonce = (): Uint8Array => crypto.getRandomValues(new Uint8Array(32));

/** Compares in constant time, so that the time does not tell how many bytes are right. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let index = 0; index < a.length; index += 1) difference |= (a[index] ?? 0) ^ (b[index] ?? 0);
  return difference === 0;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
