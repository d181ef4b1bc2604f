import { roles } from "@sallyport/domain";
import { z } from "zod";

/*
 * An identity token is a JWT (RFC 7519) in compact form, signed with Ed25519 (RFC 8037). Its header has `alg`,
 * `typ` and the `kid` of the key. The type keeps it apart from the revocation list, which has the same keys.
 */

export const identityIssuer = "sallyport";
export const signatureAlgorithm = "EdDSA";
export const identityTokenType = "identity+jwt";
export const revocationListType = "revocation-list+jwt";

/** No token is valid for longer. So a revocation can be forgotten after this time. */
export const identityTokenMs = { min: 60_000, usual: 3_600_000, max: 86_400_000 } as const;

const unixSeconds = z.int().nonnegative();

export const identityClaims = z.object({
  iss: z.literal(identityIssuer),
  /** The account id, unsigned 32-bit, in decimal digits. */
  sub: z.string().regex(/^(?:0|[1-9]\d{0,9})$/),
  /** The name of the account as it was registered. Null: the account has only an e-mail address. */
  name: z.string().min(1).max(64).nullable(),
  role: z.enum(roles),
  /** The one kind of server that the token is for. */
  aud: z.string().min(1),
  iat: unixSeconds,
  exp: unixSeconds,
  /** A random id of the token. */
  jti: z.string().min(1).max(64),
});

export type IdentityClaims = Readonly<z.infer<typeof identityClaims>>;
