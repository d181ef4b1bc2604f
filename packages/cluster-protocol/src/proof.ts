import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** Who proves: the label keeps one end's proof from serving as the other's. */
export type Prover = "connecting" | "answering";

export interface ProofInput {
  readonly password: string;
  readonly server: string;
  readonly connectingNonce: Uint8Array;
  readonly answeringNonce: Uint8Array;
}

/** HMAC-SHA-256 keyed by the password, over label, both nonces (32 bytes each) and the server's name. */
export function linkProof(prover: Prover, input: ProofInput): Uint8Array {
  return createHmac("sha256", input.password)
    .update(`sallyport-link-1 ${prover}\0`)
    .update(input.connectingNonce)
    .update(input.answeringNonce)
    .update(input.server)
    .digest();
}

export const isSameSecret = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && timingSafeEqual(a, b);

/** What is kept of a cookie: it is itself random, so that a plain hash is enough. */
export const hashCookie = (cookie: Uint8Array): string => createHash("sha256").update(cookie).digest("hex");

const digestOf = (text: string): Uint8Array => createHash("sha256").update(text).digest();

/** Whether the cookie is that of one of these hashes. Takes as long where there is none to compare with. */
export function isKnownCookie(cookie: Uint8Array, hashes: readonly (string | undefined)[]): boolean {
  const shown = digestOf(hashCookie(cookie));
  return hashes.filter((hash = "none") => isSameSecret(shown, digestOf(hash))).length > 0;
}
