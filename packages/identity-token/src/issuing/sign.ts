import { CompactSign, SignJWT } from "jose";
import { type IdentityClaims, identityTokenType, revocationListType, signatureAlgorithm } from "../claims.ts";
import type { RevocationList } from "../revocations.ts";
import type { SigningKey } from "./signing-key.ts";

/** Returns the token in compact form: three parts of base64url, with dots between them. */
export const signIdentity = ({ kid, privateKey }: SigningKey, claims: IdentityClaims): Promise<string> =>
  new SignJWT({ ...claims })
    .setProtectedHeader({ alg: signatureAlgorithm, typ: identityTokenType, kid })
    .sign(privateKey);

export const signRevocations = ({ kid, privateKey }: SigningKey, list: RevocationList): Promise<string> =>
  new CompactSign(new TextEncoder().encode(JSON.stringify(list)))
    .setProtectedHeader({ alg: signatureAlgorithm, typ: revocationListType, kid })
    .sign(privateKey);
