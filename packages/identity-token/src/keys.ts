import { createLocalJWKSet, errors } from "jose";
import { z } from "zod";
import { signatureAlgorithm } from "./claims.ts";

/** The public half of a key, as RFC 8037 writes it. `x` has 32 bytes in base64url. */
const publicKey = z.object({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  x: z.string().regex(/^[\w-]{43}$/),
  kid: z.string().min(1).max(128),
  alg: z.literal(signatureAlgorithm),
  use: z.literal("sig"),
});

/** Servers keep a few keys at once. More than this are nonsense. */
const keysMax = 100;

const jwkSet = z.object({ keys: z.array(publicKey).max(keysMax) });

export type PublicJwk = Readonly<z.infer<typeof publicKey>>;

/** A JSON Web Key Set (RFC 7517), with public keys only. */
export interface JwkSet {
  readonly keys: readonly PublicJwk[];
}

/** Finds the key of a token. */
export type VerificationKeys = ReturnType<typeof createLocalJWKSet>;

/**
 * Reads a key set. Null: it is none, or it has another kind of key. Fields that are not in the table above are
 * dropped, so a private key never gets in.
 */
export function readKeys(json: unknown): VerificationKeys | null {
  const read = jwkSet.safeParse(json);
  if (!read.success) return null;
  try {
    return createLocalJWKSet(read.data);
  } catch (error) {
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}
