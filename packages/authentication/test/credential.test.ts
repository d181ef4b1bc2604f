import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  authMessage,
  clientProof,
  credentialOf,
  defaultHashParameters,
  matchesCredential,
  needsRehash,
  nonceBytes,
  saltBytes,
  verifyProof,
} from "../src/index.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const hex = (value: Uint8Array | undefined) => value && Buffer.from(value).toString("hex");

const salted = new Uint8Array(32).fill(0x11);
const salt = new Uint8Array(saltBytes).fill(0x22);
const nonce = new Uint8Array(nonceBytes).fill(0x33);
const clientNonce = new Uint8Array(nonceBytes).fill(0x44);
const stored = credentialOf(salted, salt, defaultHashParameters);
const message = authMessage({ name: "Alice", nonce, clientNonce, salt });

/** The expected bytes were computed with Python's hmac and hashlib, and not with this code. */
test("agrees byte for byte with another implementation", () => {
  expect(hex(message)).toBe(
    `${hex(Buffer.from("sallyport-scram-2\0alice\0"))}${"33".repeat(32)}${"44".repeat(32)}${"22".repeat(16)}`,
  );
  expect(hex(stored.storedKey)).toBe("ec69d013e0d0a52938eebad141277d3f343c5f71d60898b8f5218ea632345522");
  expect(hex(stored.serverKey)).toBe("1d7692be93ecb011fb182863ae98d47389edd79764732d858c127afa4065ac93");
  const proof = clientProof(salted, message);
  expect(hex(proof)).toBe("fa69e67783f27f78f0064d656c84cae3204ef2254aacc3a9cbd48a016445dc5a");
  expect(hex(verifyProof(stored, proof, message)?.serverSignature)).toBe(
    "91979d936ad520cf65090d9406aeaeb6ab6c6f98922ae9c840133981aa5ee9a0",
  );
});

describe("a proof", () => {
  test("is accepted from a client that knows the password, for any password", () => {
    const anyLogin = fc.record({ salted: bytes(32), salt: bytes(saltBytes), nonce: bytes(nonceBytes) });
    fc.assert(
      fc.property(anyLogin, fc.string(), ({ salted, salt, nonce }, name) => {
        const credential = credentialOf(salted, salt, defaultHashParameters);
        const message = authMessage({ name, nonce, clientNonce, salt });
        return verifyProof(credential, clientProof(salted, message), message) !== null;
      }),
    );
  });

  test("is refused for another password, name, nonce or salt, and if one bit is wrong", () => {
    const proof = clientProof(salted, message);
    const other = new Uint8Array(32).fill(0x99);
    const refused = [
      verifyProof(stored, clientProof(other, message), message),
      verifyProof(stored, proof, authMessage({ name: "Bob", nonce, clientNonce, salt })),
      verifyProof(stored, proof, authMessage({ name: "Alice", nonce: other, clientNonce, salt })),
      verifyProof(stored, proof, authMessage({ name: "Alice", nonce, clientNonce: other, salt })),
      verifyProof(
        stored,
        proof,
        authMessage({ name: "Alice", nonce, clientNonce, salt: other.subarray(0, saltBytes) }),
      ),
    ];
    expect(refused).toEqual([null, null, null, null, null]);
    fc.assert(
      fc.property(fc.nat(255), (bit) => {
        const wrong = proof.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        return verifyProof(stored, wrong, message) === null;
      }),
    );
  });

  test("of any length and content is answered without an exception", () => {
    fc.assert(fc.property(fc.uint8Array(), (proof) => verifyProof(stored, proof, message) === null));
  });
});

test("a salted password matches its own credential only", () => {
  expect(matchesCredential(stored, salted)).toBe(true);
  expect(matchesCredential(stored, new Uint8Array(32))).toBe(false);
});

test("only a change of parameters calls for a new hash", () => {
  expect(needsRehash(stored, defaultHashParameters)).toBe(false);
  for (const key of ["memoryKib", "iterations", "parallelism"] as const) {
    expect(needsRehash(stored, { ...defaultHashParameters, [key]: 7 })).toBe(true);
  }
});
