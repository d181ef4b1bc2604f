import fc from "fast-check";
import { CompactSign } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { isListFresh, isRevoked, type RevocationList, readKeys, verifyRevocations } from "../src/index.ts";
import { keysUnder, newKey, plainKeys, signIdentity, signRevocations } from "../src/issuing/index.ts";
import { claims, keySet, nowMs, nowS, type TestKey, testKey } from "./tokens-of-a-test.ts";

const list: RevocationList = {
  ...{ at: nowMs, revoked: [{ account: 7, beforeMs: nowMs - 1 }], allBeforeMs: null },
};

let key: TestKey;
beforeAll(async () => {
  key = await testKey();
});

describe("a revocation list", () => {
  test("is read as a server signed it", async () => {
    expect(await verifyRevocations(await signRevocations(key.signing, list), keySet(key))).toEqual(list);
  });

  test("of another key is none", async () => {
    const other = await testKey();
    expect(await verifyRevocations(await signRevocations(other.signing, list), keySet(key))).toBe(null);
    const forged = await signRevocations({ ...other.signing, kid: key.jwk.kid }, list);
    expect(await verifyRevocations(forged, keySet(key))).toBe(null);
  });

  test("is not a token", async () => {
    expect(await verifyRevocations(await signIdentity(key.signing, claims), keySet(key))).toBe(null);
  });

  test.each(["[]", "{}", "no json", '{"at":"now","revoked":[]}', '{"at":1,"revoked":[{"account":1}]}'])(
    "that says %s is none",
    async (text) => {
      const signed = await new CompactSign(Buffer.from(text))
        .setProtectedHeader({ alg: "EdDSA", typ: "revocation-list+jwt", kid: key.jwk.kid })
        .sign(key.signing.privateKey);
      expect(await verifyRevocations(signed, keySet(key))).toBe(null);
    },
  );

  test("is never read from a text that nobody signed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.array(fc.base64String()).map((p) => p.join(".")),
        ),
        async (text) => {
          expect(await verifyRevocations(text, keySet(key))).toBe(null);
        },
      ),
    );
  });

  test("is fresh for two minutes, and not if it comes from a later time than that", () => {
    expect(isListFresh(null, nowMs)).toBe(false);
    expect(isListFresh(list, nowMs + 119_999)).toBe(true);
    expect(isListFresh(list, nowMs + 120_000)).toBe(false);
    expect(isListFresh(list, nowMs - 120_000)).toBe(false);
  });

  test("that is too long for all accounts ends the tokens of every account up to a time", () => {
    const long = { ...list, allBeforeMs: nowMs + 500 };
    expect(isRevoked({ sub: "8", iat: nowS }, list)).toBe(false);
    expect(isRevoked({ sub: "8", iat: nowS }, long)).toBe(true);
    expect(isRevoked({ sub: "8", iat: nowS + 1 }, long)).toBe(false);
  });
});

describe("a key set", () => {
  test("with anything but public keys of ours is none", () => {
    expect(readKeys({ keys: [key.jwk] })).not.toBe(null);
    for (const wrong of [
      null,
      [],
      {},
      { keys: [{ ...key.jwk, crv: "P-256" }] },
      { keys: [{ ...key.jwk, x: "short" }] },
      { keys: [{ kty: "oct", k: "secret", kid: "1", alg: "HS256" }] },
    ])
      expect(readKeys(wrong)).toBe(null);
  });
});

describe("a private key", () => {
  test("that is stored under a password opens with that one only", async () => {
    const { d } = await newKey();
    const seal = keysUnder("a password that is long");
    const stored = await seal.seal(d);
    expect(stored).not.toContain(d);
    expect(await seal.open(stored)).toBe(d);
    expect(await keysUnder("another password").open(stored)).toBe(null);
    expect(await plainKeys.open(stored)).toBe(null);
    const [head, wrapped, nonce, text = "", tag] = stored.split(".");
    const changed = `${text.startsWith("A") ? "B" : "A"}${text.slice(1)}`;
    expect(await seal.open([head, wrapped, nonce, changed, tag].join("."))).toBe(null);
  });

  test("that is stored in plain does not pass for one under a password", async () => {
    const { d } = await newKey();
    expect(await plainKeys.open(await plainKeys.seal(d))).toBe(d);
    expect(await keysUnder("a password that is long").open(d)).toBe(null);
  });
});
