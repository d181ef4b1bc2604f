export {
  type IdentityClaims,
  identityIssuer,
  identityTokenMs,
  identityTokenType,
  revocationListType,
  signatureAlgorithm,
} from "./claims.ts";
export { type JwkSet, type PublicJwk, readKeys, type VerificationKeys } from "./keys.ts";
export {
  isListFresh,
  isRevoked,
  listFreshMs,
  type Revocation,
  type RevocationList,
  verifyRevocations,
} from "./revocations.ts";
export {
  jwksPath,
  revocationsPath,
  TokenFeed,
  type TokenFeedObserver,
  type TokenFeedOptions,
} from "./token-feed.ts";
export { type IdentityAnswer, type IdentityRefusal, verifyIdentity } from "./verify-identity.ts";
