import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/**
 * The end of the link that proves the password. This label is part of the proof, so that the proof of one end
 * cannot serve as the proof of the other end.
 */
export type Prover = "connecting" | "answering";

export interface ProofInput {
  readonly password: string;
  readonly server: string;
  readonly connectingNonce: Uint8Array;
  readonly answeringNonce: Uint8Array;
}

/**
 * HMAC-SHA-256, keyed by the password, over the label, both nonces (32 bytes each) and the name of the
 * server.
 */
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

/** The answering server stores only this hash. A plain hash is enough, because the cookie is random. */
export const hashCookie = (cookie: Uint8Array): string => createHash("sha256").update(cookie).digest("hex");

const digestOf = (text: string): Uint8Array => createHash("sha256").update(text).digest();

/** Whether the cookie matches one of these hashes. The check takes the same time if a hash is missing. */
export function isKnownCookie(cookie: Uint8Array, hashes: readonly (string | undefined)[]): boolean {
  const shown = digestOf(hashCookie(cookie));
  return hashes.filter((hash = "none") => isSameSecret(shown, digestOf(hash))).length > 0;
}
