import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { canonicalName } from "./name-rules.ts";

/**
 * One credential for both ways to log in. It is the SCRAM pair of RFC 5802 with argon2id in place of PBKDF2:
 *
 *     SaltedPassword  = argon2id(NFKC(password), salt), 32 bytes
 *     ClientKey       = HMAC-SHA-256(SaltedPassword, "Client Key")
 *     StoredKey       = SHA-256(ClientKey)
 *     ServerKey       = HMAC-SHA-256(SaltedPassword, "Server Key")
 *     ClientSignature = HMAC-SHA-256(StoredKey, AuthMessage)
 *     ClientProof     = ClientKey XOR ClientSignature
 *     ServerSignature = HMAC-SHA-256(ServerKey, AuthMessage)
 *     AuthMessage     = "sallyport-scram-2" 0x00 lower-case name 0x00 server's nonce, client's nonce, salt
 *
 * Only salt, parameters, StoredKey and ServerKey are stored. A thief can check guesses against them, at the
 * price of one argon2id each, but cannot log in with them.
 */
export interface Credential extends HashParameters {
  readonly salt: Uint8Array;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

/** Parameters of argon2id, with the names of RFC 9106. */
export interface HashParameters {
  readonly memoryKib: number;
  readonly iterations: number;
  readonly parallelism: number;
}

/** OWASP recommends at least these values. */
export const defaultHashParameters: HashParameters = { memoryKib: 19_456, iterations: 2, parallelism: 1 };

export const saltBytes = 16;
export const nonceBytes = 32;
export const saltedPasswordBytes = 32;

export function credentialOf(
  saltedPassword: Uint8Array,
  salt: Uint8Array,
  { memoryKib, iterations, parallelism }: HashParameters,
): Credential {
  return {
    memoryKib,
    iterations,
    parallelism,
    salt,
    storedKey: sha256(hmac(saltedPassword, "Client Key")),
    serverKey: hmac(saltedPassword, "Server Key"),
  };
}

/** Compares in constant time. */
export function matchesCredential(credential: Credential, saltedPassword: Uint8Array): boolean {
  return equal(sha256(hmac(saltedPassword, "Client Key")), credential.storedKey);
}

export const areSameParameters = (a: HashParameters, b: HashParameters): boolean =>
  a.memoryKib === b.memoryKib && a.iterations === b.iterations && a.parallelism === b.parallelism;

export const needsRehash = (credential: Credential, wanted: HashParameters): boolean =>
  !areSameParameters(credential, wanted);

/** Returns true if neither the password nor the parameters changed between the two credentials. */
export const isSameCredential = (a: Credential, b: Credential): boolean => equal(a.storedKey, b.storedKey);

/**
 * The message that both proofs cover. It binds both proofs to one name, one login and one salt. Because of
 * the server's nonce, nobody can use an overheard proof of the client again. Because of the client's nonce,
 * nobody can use an overheard proof of the server again.
 */
export function authMessage(of: {
  readonly name: string;
  readonly nonce: Uint8Array;
  readonly clientNonce: Uint8Array;
  readonly salt: Uint8Array;
}): Uint8Array {
  const head = `sallyport-scram-2\0${canonicalName(of.name)}\0`;
  return Buffer.concat([Buffer.from(head, "utf8"), of.nonce, of.clientNonce, of.salt]);
}

export function clientProof(saltedPassword: Uint8Array, message: Uint8Array): Uint8Array {
  const clientKey = hmac(saltedPassword, "Client Key");
  return xor(clientKey, hmac(sha256(clientKey), message));
}

/** Checks the proof of the client. Returns the server's own proof, or null if the client's proof is wrong. */
export function verifyProof(
  credential: Credential,
  proof: Uint8Array,
  message: Uint8Array,
): { readonly serverSignature: Uint8Array } | null {
  const clientSignature = hmac(credential.storedKey, message);
  const serverSignature = hmac(credential.serverKey, message);
  if (proof.length !== clientSignature.length) return null;
  const clientKey = xor(proof, clientSignature);
  return equal(sha256(clientKey), credential.storedKey) ? { serverSignature } : null;
}

export const hmac = (key: Uint8Array, message: Uint8Array | string): Buffer =>
  createHmac("sha256", key).update(message).digest();

const sha256 = (message: Uint8Array): Buffer => createHash("sha256").update(message).digest();

const xor = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((byte, index) => byte ^ (b[index] ?? 0));

const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);
