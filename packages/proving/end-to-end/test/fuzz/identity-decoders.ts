import { generateKeyPairSync, sign } from "node:crypto";
import { readKeys, verifyIdentity, verifyRevocations } from "@sallyport/identity-token";
import fc from "fast-check";
import type { Decoder, Tally } from "./decoder.ts";
import { spoiledText } from "./spoil.ts";

/* Tests that no token and no list is taken but those that were signed, whatever was done to them. */

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const { x = "" } = publicKey.export({ format: "jwk" });
const jwk = { kty: "OKP", crv: "Ed25519", x, kid: "1", alg: "EdDSA", use: "sig" };
const nowS = 1_900_000_000;

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

function signed(typ: string, payload: unknown): string {
  const text = `${part({ alg: "EdDSA", typ, kid: "1" })}.${part(payload)}`;
  return `${text}.${sign(null, Buffer.from(text), privateKey).toString("base64url")}`;
}

const claims = {
  ...{ iss: "sallyport", sub: "7", name: "alice", role: "player", aud: "resource" },
  ...{ iat: nowS, exp: nowS + 60, jti: "1" },
};
const token = signed("identity+jwt", claims);
const list = signed("revocation-list+jwt", { at: nowS * 1_000, revoked: [{ account: 7, beforeMs: 1 }] });

/** Signatures are base64url, whose last character has four bits that mean nothing. */
const isSame = (text: string, whole: string): boolean =>
  text.slice(0, -1) === whole.slice(0, -1) && text.length === whole.length;

function ofSigned(name: string, whole: string, takes: (text: string) => Promise<boolean>): Decoder {
  const texts = fc.oneof(
    spoiledText(fc.constant(whole)),
    fc.constantFrom(token, list),
    fc.json().map((json) => whole.replace(/\.[^.]*\./, `.${Buffer.from(json).toString("base64url")}.`)),
  );
  return {
    name,
    property: (tally: Tally) =>
      fc.asyncProperty(texts, async (text) => {
        const isTaken = await takes(text);
        if (isTaken && !isSame(text, whole)) throw new Error("taken, though nobody signed it");
        if (isTaken) tally.taken += 1;
        else tally.refused += 1;
      }),
  };
}

const keys = readKeys({ keys: [jwk] });
if (keys === null) throw new Error("the keys are wrong");
const options = { audience: "resource", keys, revoked: null, nowMs: nowS * 1_000 };

const anyKey = fc.oneof(
  fc.constant(jwk),
  fc
    .tuple(fc.constantFrom(...Object.keys(jwk)), fc.jsonValue())
    .map(([field, value]) => ({ ...jwk, [field]: value })),
);

export const identityDecoders: readonly Decoder[] = [
  ofSigned(
    "identity token",
    token,
    async (text) => (await verifyIdentity(text, options)).type === "identity",
  ),
  ofSigned("revocation list", list, async (text) => (await verifyRevocations(text, keys)) !== null),
  {
    name: "key set",
    property: (tally) =>
      fc.property(
        fc.oneof(fc.jsonValue(), fc.record({ keys: fc.array(anyKey, { maxLength: 4 }) })),
        (json) => {
          if (readKeys(json) === null) tally.refused += 1;
          else tally.taken += 1;
        },
      ),
  },
];
