import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { SignJWT } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { type RevocationList, verifyIdentity } from "../src/index.ts";
import { signIdentity, signRevocations } from "../src/issuing/index.ts";
import { claims, keySet, nowMs, nowS, type TestKey, testKey } from "./tokens-of-a-test.ts";

let key: TestKey;
let other: TestKey;
beforeAll(async () => {
  [key, other] = [await testKey(), await testKey()];
});

const whyNot = async (token: string, more: { atMs?: number; revoked?: RevocationList } = {}) => {
  const { atMs = nowMs, revoked = null } = more;
  const answer = await verifyIdentity(token, {
    ...{ audience: "resource", keys: keySet(key), revoked, nowMs: atMs },
  });
  return answer.type === "refused" ? answer.why : answer.claims;
};

/** A token with a header or claims that no server writes. */
const odd = (header: object, more: object = {}): Promise<string> =>
  new SignJWT({ ...claims, ...more })
    .setProtectedHeader({ alg: "EdDSA", typ: "identity+jwt", kid: key.jwk.kid, ...header })
    .sign(key.signing.privateKey);

describe("a token", () => {
  test("that a server signed tells what the server wrote", async () => {
    expect(await whyNot(await signIdentity(key.signing, claims))).toEqual(claims);
  });

  test("of an account without a name has none", async () => {
    expect(await whyNot(await signIdentity(key.signing, { ...claims, name: null }))).toMatchObject({
      name: null,
    });
  });

  test("is valid until its last second, and not in the next", async () => {
    const token = await signIdentity(key.signing, claims);
    expect(await whyNot(token, { atMs: (claims.exp - 1) * 1_000 })).toEqual(claims);
    expect(await whyNot(token, { atMs: claims.exp * 1_000 })).toBe("expired");
  });

  test("for another kind of server is refused", async () => {
    expect(await whyNot(await signIdentity(key.signing, { ...claims, aud: "shop" }))).toBe("audience");
  });

  test("of a key that nobody published is refused as such", async () => {
    expect(await whyNot(await signIdentity(other.signing, claims))).toBe("unknown-key");
  });

  test("that another key signed in the name of ours is refused", async () => {
    const forged = await signIdentity({ ...other.signing, kid: key.jwk.kid }, claims);
    expect(await whyNot(forged)).toBe("malformed");
  });

  test.each([
    ["another issuer", {}, { iss: "somebody" }],
    ["several audiences", {}, { aud: ["resource", "shop"] }],
    ["no account", {}, { sub: undefined }],
    ["an account that is no number", {}, { sub: "alice" }],
    ["a role that nobody has", {}, { role: "owner" }],
    ["no time at which it ends", {}, { exp: undefined }],
    ["another type", { typ: "JWT" }, {}],
    ["the type of a revocation list", { typ: "revocation-list+jwt" }, {}],
    ["no key", { kid: undefined }, {}],
  ])("with %s is malformed", async (_, header, more) => {
    expect(await whyNot(await odd(header, more))).toBe("malformed");
  });

  test("with the algorithm none is malformed", async () => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const header = { alg: "none", typ: "identity+jwt", kid: key.jwk.kid };
    expect(await whyNot(`${part(header)}.${part(claims)}.`)).toBe("malformed");
  });

  test("that takes the public key for a secret is malformed", async () => {
    const secret = Buffer.from(key.jwk.x, "base64url");
    const forged = await new SignJWT({ ...claims })
      .setProtectedHeader({ alg: "HS256", typ: "identity+jwt", kid: key.jwk.kid })
      .sign(secret);
    expect(await whyNot(forged)).toBe("malformed");
  });

  test("of another kind of key is malformed", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const forged = await new SignJWT({ ...claims })
      .setProtectedHeader({ alg: "ES256", typ: "identity+jwt", kid: key.jwk.kid })
      .sign(privateKey);
    expect(await whyNot(forged)).toBe("malformed");
  });

  test("is not a revocation list", async () => {
    const list = await signRevocations(key.signing, { at: nowMs, revoked: [], allBeforeMs: null });
    expect(await whyNot(list)).toBe("malformed");
  });

  test("that was issued up to the second of a revocation is void, and later ones are not", async () => {
    const revoked: RevocationList = {
      ...{ at: nowMs, revoked: [{ account: 2_000_001, beforeMs: nowMs + 400 }], allBeforeMs: null },
    };
    const at = (iat: number) => signIdentity(key.signing, { ...claims, iat });
    expect(await whyNot(await at(nowS - 1), { revoked })).toBe("revoked");
    expect(await whyNot(await at(nowS), { revoked })).toBe("revoked");
    expect(await whyNot(await at(nowS + 1), { revoked })).toMatchObject({ iat: nowS + 1 });
  });
});

const answers = new Set(["malformed", "unknown-key", "expired", "audience", "revoked"]);

test("a text is never more than refused, whatever it is", async () => {
  const part = fc.oneof(
    fc.string(),
    fc.base64String(),
    fc.json().map((json) => Buffer.from(json).toString("base64url")),
    fc
      .record({
        alg: fc.string(),
        kid: fc.constantFrom("x", key.jwk.kid),
        crit: fc.anything(),
        b64: fc.boolean(),
      })
      .map((header) => Buffer.from(JSON.stringify(header)).toString("base64url")),
  );
  const text = fc.oneof(
    fc.string({ maxLength: 5_000 }),
    fc.array(part).map((parts) => parts.join(".")),
  );
  await fc.assert(
    fc.asyncProperty(text, async (token) => {
      expect(answers).toContain(await whyNot(token));
    }),
  );
});

test("a token of which one character was changed is refused", async () => {
  const token = await signIdentity(key.signing, claims);
  const end = token.lastIndexOf(".");
  const change = fc.tuple(fc.nat({ max: token.length - 2 }), fc.stringMatching(/^[\w.-]$/));
  await fc.assert(
    fc.asyncProperty(change, async ([at, character]) => {
      fc.pre(token[at] !== character && at !== end);
      expect(answers).toContain(await whyNot(token.slice(0, at) + character + token.slice(at + 1)));
    }),
  );
});
