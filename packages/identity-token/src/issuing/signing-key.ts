import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from "jose";
import { signatureAlgorithm } from "../claims.ts";
import type { PublicJwk } from "../keys.ts";

/** A key that signs. The private half cannot be taken out of it. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
}

/** A key in the form in which it is kept: 32 bytes each, in base64url. */
export interface KeyPair {
  /** The thumbprint of the public half (RFC 7638). */
  readonly kid: string;
  readonly x: string;
  /** The private half. Everybody who has it can make tokens. */
  readonly d: string;
}

const kind = { kty: "OKP", crv: "Ed25519" } as const;

/** Draws an Ed25519 key from the platform's secure random source. */
export async function newKey(): Promise<KeyPair> {
  const { privateKey } = await generateKeyPair(signatureAlgorithm, { crv: kind.crv, extractable: true });
  const { x = "", d = "" } = await exportJWK(privateKey);
  return { kid: await calculateJwkThumbprint({ ...kind, x }), x, d };
}

export async function signingKeyOf({ kid, x, d }: KeyPair): Promise<SigningKey> {
  const privateKey = await importJWK({ ...kind, x, d }, signatureAlgorithm);
  if (privateKey instanceof Uint8Array) throw new TypeError("an Ed25519 key is not a secret");
  return { kid, privateKey };
}

export const publicJwkOf = ({ kid, x }: Pick<KeyPair, "kid" | "x">): PublicJwk => ({
  ...{ ...kind, x, kid },
  ...{ alg: signatureAlgorithm, use: "sig" },
});
