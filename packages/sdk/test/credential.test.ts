import { describe, expect, it, vi } from "vitest";
import { Credentials, deriveLoginKeys, isCostAcceptable, prove, sameBytes } from "../src/index.ts";
import { cheapSalt } from "./memory-cluster.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const salt = Uint8Array.from({ length: 16 }, (_, index) => index);
const nonce = Uint8Array.from({ length: 32 }, (_, index) => 255 - index);
const clientNonce = new Uint8Array(32).fill(0x44);

/** These values were made with node-argon2 and node:crypto, which share no code with the SDK. */
const vectors = [
  {
    password: "pässwörd 🔑",
    name: "Alice",
    memoryKib: 8192,
    iterations: 1,
    parallelism: 1,
    storedKey: "1b519e2686396ea1cd4d0e4389ed3195d9378e3bcecbc6f600c6ef9893af1a0f",
    serverKey: "2d80fe6ee4bb367432747ba46066a06c1f3eb355628dcada153dfdf204ce2606",
    proof: "eed9c8fa553f2c9a7d88b8fcb26d48d3bb3f4ea0436fd2a6d573b083a08acdc9",
    serverSignature: "c93aa4d76c5e5143e6b71974daa51324c0bb580fe7b745215cfbb2475746552a",
  },
  {
    // This password has an Ångström sign and a ligature. NFKC turns both into other letters.
    password: "\u212bngstr\u00f6m \ufb01",
    name: "Bob_42",
    memoryKib: 19456,
    iterations: 2,
    parallelism: 1,
    storedKey: "16323b5e403497891fb2ebc3d15da93b9cd706fc732af24b021c04625ce35ba7",
    serverKey: "8df8fc779451c9b0eb8f99a248a69b3224390af24c742a68e400db09a3a278fc",
    proof: "b30596edc8da47a3e726646b12e092b1d70b11c3cc16de1a4adb6555b8b6404a",
    serverSignature: "c0c8c17649e1ab6af155990b29a9fbe72e7c385ab6acb7fa2f0aecbbfdb87f25",
  },
  {
    password: "lanes",
    name: "carol",
    memoryKib: 16384,
    iterations: 3,
    parallelism: 4,
    storedKey: "dd7203168d35643a332b4366115d40d4d153889cc2c9d40e94d3b4fd6c85fa06",
    serverKey: "9d52e5059e444e338183465e2c73fb1e98468ec971daec6e5bfd3001a128b372",
    proof: "8ceb3e581f55557354eaac811da0d7eb68b90ba27d54b74000a0f1f0751284c7",
    serverSignature: "b2b43298a9a7ee80826253ff40f909a4f1b5bc2d0512818c59916ec85575edb4",
  },
];

describe("a hashed login", () => {
  it.each(vectors)("derives the same keys and proof as another implementation: $password", async (vector) => {
    const offer = { salt, nonce, ...vector };
    const keys = await deriveLoginKeys(vector.password, offer);
    expect(hex(keys.storedKey)).toBe(vector.storedKey);
    expect(hex(keys.serverKey)).toBe(vector.serverKey);
    const { proof, serverSignature } = await prove(keys, vector.name, offer, clientNonce);
    expect(hex(proof)).toBe(vector.proof);
    expect(hex(serverSignature)).toBe(vector.serverSignature);
  });

  it("gives the same proof for a name in another case", async () => {
    const keys = await deriveLoginKeys("x", { ...cheapSalt, nonce });
    const proofs = await Promise.all(
      ["alice", "ALICE"].map((name) => prove(keys, name, { nonce, salt }, clientNonce)),
    );
    expect(proofs[0]).toEqual(proofs[1]);
  });

  it("gives another proof for each nonce, even if many are made at once", async () => {
    const keys = await deriveLoginKeys("x", { ...cheapSalt, nonce });
    const nonces = Array.from({ length: 20 }, (_, index) => new Uint8Array(32).fill(index));
    const atOnce = await Promise.all(
      nonces.map((each) => prove(keys, "alice", { nonce: each, salt }, clientNonce)),
    );
    expect(new Set(atOnce.map(({ proof }) => hex(proof))).size).toBe(20);
    for (const [index, each] of nonces.entries()) {
      expect(atOnce[index]).toEqual(await prove(keys, "alice", { nonce: each, salt }, clientNonce));
    }
  });
});

describe("the cost that a server asks for", () => {
  const usual = { salt, nonce, memoryKib: 19_456, iterations: 2, parallelism: 1 };

  it.each([
    { memoryKib: 8 * 1024 - 1 },
    { memoryKib: 256 * 1024 + 1 },
    { iterations: 0 },
    { iterations: 17 },
    { parallelism: 0 },
    { parallelism: 17 },
  ])("is not accepted beyond its bounds: %o", (beyond) => {
    expect(isCostAcceptable(usual)).toBe(true);
    expect(isCostAcceptable({ ...usual, ...beyond })).toBe(false);
  });
});

describe("shared credentials", () => {
  const offer = { ...cheapSalt, nonce };

  it("derive the keys of a password and salt once, even if asked twice at once", async () => {
    const credentials = new Credentials();
    const [first, second] = await Promise.all([credentials.keys("x", offer), credentials.keys("x", offer)]);
    expect(first).toBe(second);
    expect(await credentials.keys("x", { ...offer, nonce: new Uint8Array(32) })).toBe(first);
  });

  it("tell passwords, salts and costs apart", async () => {
    const credentials = new Credentials();
    const keys = await Promise.all([
      credentials.keys("x", offer),
      credentials.keys("y", offer),
      credentials.keys("x", { ...offer, salt: new Uint8Array(16) }),
      credentials.keys("x", { ...offer, iterations: 2 }),
    ]);
    expect(new Set(keys.map(({ storedKey }) => hex(storedKey))).size).toBe(4);
  });

  it("forget the oldest when they are full", async () => {
    const credentials = new Credentials({ entriesMax: 1 });
    const first = await credentials.keys("x", offer);
    await credentials.keys("y", offer);
    expect(await credentials.keys("x", offer)).not.toBe(first);
  });

  it("do not keep a derivation that failed", async () => {
    const credentials = new Credentials();
    const unusable = { ...offer, salt: new Uint8Array(1) };
    const failure = vi.fn();
    await credentials.keys("x", unusable).catch(failure);
    await credentials.keys("x", unusable).catch(failure);
    expect(failure).toHaveBeenCalledTimes(2);
  });
});

it("bytes are the same only when all of them are", () => {
  expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
  expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
  expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0))).toBe(false);
});
