import { decodeProtectedHeader, errors, jwtVerify } from "jose";
import {
  type IdentityClaims,
  identityClaims,
  identityIssuer,
  identityTokenType,
  signatureAlgorithm,
} from "./claims.ts";
import type { VerificationKeys } from "./keys.ts";
import { isRevoked, type RevocationList } from "./revocations.ts";

/**
 * `malformed` is also the word for a token that none of these servers signed, though it names one of their
 * keys. `audience`: it is for another kind of server.
 */
export type IdentityRefusal = "malformed" | "unknown-key" | "expired" | "audience" | "revoked";

export type IdentityAnswer =
  | { readonly type: "identity"; readonly claims: IdentityClaims }
  | { readonly type: "refused"; readonly why: IdentityRefusal };

export interface VerifyOptions {
  readonly audience: string;
  readonly keys: VerificationKeys;
  /** Null: nothing is known of revocations. The caller has to decide what it allows then. */
  readonly revoked: RevocationList | null;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** A token is a few hundred characters long. */
const tokenUnitsMax = 4_096;

const refused = (why: IdentityRefusal): IdentityAnswer => ({ type: "refused", why });

/** Never rejects because of the token, whatever it is. */
export async function verifyIdentity(token: string, options: VerifyOptions): Promise<IdentityAnswer> {
  if (token.length > tokenUnitsMax) return refused("malformed");
  const { audience, keys, revoked, nowMs } = options;
  try {
    // Without a `kid`, a token would be tried with any key.
    if (typeof decodeProtectedHeader(token).kid !== "string") return refused("malformed");
    const { payload } = await jwtVerify(token, keys, {
      ...{ audience, algorithms: [signatureAlgorithm], currentDate: new Date(nowMs) },
      ...{ issuer: identityIssuer, typ: identityTokenType, requiredClaims: ["exp"] },
    });
    const read = identityClaims.safeParse(payload);
    if (!read.success) return refused("malformed");
    const claims = read.data;
    if (revoked !== null && isRevoked(claims, revoked)) return refused("revoked");
    return { type: "identity", claims };
  } catch (error) {
    return refused(whyOf(error));
  }
}

function whyOf(error: unknown): IdentityRefusal {
  if (error instanceof errors.JWTExpired) return "expired";
  if (error instanceof errors.JWKSNoMatchingKey) return "unknown-key";
  if (error instanceof errors.JWTClaimValidationFailed)
    return error.claim === "aud" && error.reason === "check_failed" ? "audience" : "malformed";
  // `decodeProtectedHeader` has its own error for a text that is no token.
  if (error instanceof errors.JOSEError || error instanceof TypeError) return "malformed";
  throw error;
}
