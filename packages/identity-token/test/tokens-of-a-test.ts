import { type IdentityClaims, readKeys, type VerificationKeys } from "../src/index.ts";
import { newKey, publicJwkOf, type SigningKey, signingKeyOf } from "../src/issuing/index.ts";

export const nowMs = 1_900_000_000_000;
export const nowS = nowMs / 1_000;

export const claims: IdentityClaims = {
  ...{ iss: "sallyport", sub: "2000001", name: "alice", role: "player", aud: "resource" },
  ...{ iat: nowS, exp: nowS + 3_600, jti: "an id" },
};

export interface TestKey {
  readonly signing: SigningKey;
  readonly jwk: ReturnType<typeof publicJwkOf>;
}

export async function testKey(): Promise<TestKey> {
  const pair = await newKey();
  return { signing: await signingKeyOf(pair), jwk: publicJwkOf(pair) };
}

export function keySet(...keys: readonly TestKey[]): VerificationKeys {
  const read = readKeys({ keys: keys.map(({ jwk }) => jwk) });
  if (read === null) throw new Error("the keys of the test are wrong");
  return read;
}
