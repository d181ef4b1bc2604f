export { type KeySeal, keysUnder, plainKeys } from "./key-seal.ts";
export { signIdentity, signRevocations } from "./sign.ts";
export { type KeyPair, newKey, publicJwkOf, type SigningKey, signingKeyOf } from "./signing-key.ts";
