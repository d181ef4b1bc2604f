import { describe, expect, test } from "vitest";
import {
  authMessage,
  clientProof,
  decoyCredential,
  decoyParameters,
  defaultHashParameters,
  matchesCredential,
  type ParametersInUse,
  saltBytes,
  verifyProof,
} from "../src/index.ts";

const secret = new Uint8Array(32).fill(7);
const older = { memoryKib: 8_192, iterations: 1, parallelism: 1 };
const wanted = defaultHashParameters;
const decoyOf = (name: string, of = wanted) => decoyCredential(secret, name, of);
const names = Array.from({ length: 4_000 }, (_, index) => `nobody_${index}`);

const inUse = (ofOlder: number, ofWanted: number): readonly ParametersInUse[] => [
  { parameters: older, count: ofOlder },
  { parameters: wanted, count: ofWanted },
];
const withWanted = (use: readonly ParametersInUse[]): readonly string[] =>
  names.filter((name) => decoyParameters(secret, name, wanted, use) === wanted);

describe("the decoy for an unknown name", () => {
  test("is the same in any case and at every request, and differs between names and clusters", () => {
    expect(decoyOf("Nobody")).toEqual(decoyOf("nobody"));
    const salts = [
      decoyOf("nobody"),
      decoyOf("nobody2"),
      decoyCredential(new Uint8Array(32), "nobody", wanted),
    ].map(({ salt }) => Buffer.from(salt).toString("hex"));
    expect(new Set(salts).size).toBe(3);
  });

  test("looks like a credential and matches no password", () => {
    const decoy = decoyOf("nobody");
    expect([decoy.salt, decoy.storedKey, decoy.serverKey].map(({ length }) => length)).toEqual([
      saltBytes,
      32,
      32,
    ]);
    const salted = new Uint8Array(32).fill(1);
    const message = authMessage({
      name: "nobody",
      nonce: new Uint8Array(32),
      clientNonce: new Uint8Array(32),
      salt: decoy.salt,
    });
    expect(verifyProof(decoy, clientProof(salted, message), message)).toBe(null);
    expect(matchesCredential(decoy, salted)).toBe(false);
  });

  test("gets a new salt with new parameters, like a real credential", () => {
    expect(decoyOf("nobody", older)).toMatchObject(older);
    expect(decoyOf("nobody", older).salt).not.toEqual(decoyOf("nobody").salt);
  });
});

describe("the parameters of decoys", () => {
  test("are the old ones as often as in real credentials", () => {
    const share = withWanted(inUse(3_000, 1_000)).length / names.length;
    expect(share).toBeGreaterThan(0.22);
    expect(share).toBeLessThan(0.28);
  });

  test("change from the old ones to the current ones as in real credentials, and never back", () => {
    const steps = [0, 250, 500, 750, 1_000].map((renewed) => withWanted(inUse(1_000 - renewed, renewed)));
    expect(steps.at(0)).toEqual([]);
    expect(steps.at(-1)).toEqual(names);
    for (const [index, before] of steps.slice(0, -1).entries()) {
      const after = new Set(steps[index + 1]);
      expect(before.filter((name) => !after.has(name))).toEqual([]);
    }
  });

  test("are the current ones while there is no account", () => {
    expect(withWanted([])).toEqual(names);
  });

  test("do not depend on the order in which the store lists them", () => {
    expect(withWanted([...inUse(1_000, 1_000)].reverse())).toEqual(withWanted(inUse(1_000, 1_000)));
  });
});
