import { describe, expect, test } from "vitest";
import { createPasswordHasher, defaultHashParameters, matchesCredential } from "../src/index.ts";

/**
 * These are the smallest parameters of argon2id. Most tests here are about the queue and need no real cost.
 */
const cheap = { memoryKib: 8, iterations: 1, parallelism: 1 };
const salt = new Uint8Array(16).fill(1);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** The expected hash was computed with argon2-cffi, which uses the reference implementation. */
test("hashes like another implementation of argon2id", async () => {
  const hasher = createPasswordHasher();
  const salted = await hasher.hash({ password: "correct horse", salt: Buffer.from("somesaltsomesalt") });
  expect(salted).toMatchObject({ ok: true });
  if (salted.ok)
    expect(hex(salted.value)).toBe("93da21ae87a3672d4f37913549b1cd3ee83abc1f1e4006a16f948e029ea2185e");
  expect(hasher.parameters).toEqual(defaultHashParameters);
});

test("treats differently composed passwords as equal", async () => {
  const hasher = createPasswordHasher({ parameters: cheap });
  const [composed, decomposed] = await Promise.all(
    ["caf\u00e9 \ufb01", "cafe\u0301 fi"].map((password) => hasher.hash({ password, salt })),
  );
  expect(composed).toMatchObject({ ok: true });
  expect(decomposed).toEqual(composed);
});

test("creates a credential that matches only the password, with a salt of its own", async () => {
  const hasher = createPasswordHasher({ parameters: cheap });
  const [one, other] = await Promise.all([
    hasher.createCredential("secret"),
    hasher.createCredential("secret"),
  ]);
  if (!one?.ok || !other?.ok) throw new Error("two hashes are not too many");
  expect(one.value).toMatchObject(cheap);
  expect(hex(one.value.salt)).not.toBe(hex(other.value.salt));
  for (const [password, matches] of [
    ["secret", true],
    ["Secret", false],
  ] as const) {
    const salted = await hasher.hash({ password, salt: one.value.salt, parameters: one.value });
    expect(salted.ok && matchesCredential(one.value, salted.value)).toBe(matches);
  }
});

describe("under load", () => {
  test("runs a number of hashes at once, queues a number, and tells the rest when to come back", async () => {
    const hasher = createPasswordHasher({ parameters: cheap, concurrency: 2, queueMax: 3 });
    const outcomes = Array.from({ length: 8 }, (_, index) =>
      hasher.hash({ password: `password${index}`, salt }),
    );
    expect(hasher.load).toEqual({ running: 2, waiting: 3 });
    const settled = await Promise.all(outcomes);
    expect(settled.map(({ ok }) => ok)).toEqual([true, true, true, true, true, false, false, false]);
    expect(settled.at(-1)).toMatchObject({ refusal: "busy", retryAfterMs: expect.any(Number) });
    expect(hasher.load).toEqual({ running: 0, waiting: 0 });
    expect(await hasher.hash({ password: "afterwards", salt })).toMatchObject({ ok: true });
  });

  test("never runs more at once, even when a request arrives as a turn passes on", async () => {
    const hasher = createPasswordHasher({ parameters: cheap, concurrency: 2 });
    let most = 0;
    const ask = async (left: number): Promise<void> => {
      const hashed = hasher.hash({ password: "password", salt });
      most = Math.max(most, hasher.load.running);
      await hashed;
      // A hash has just ended. The next two are requested in the same turn of the event loop.
      most = Math.max(most, hasher.load.running);
      if (left > 0) await Promise.all([ask(left - 1), ask(left - 2)]);
    };
    await Promise.all([ask(4), ask(4), ask(4)]);
    expect(most).toBe(2);
  });

  test("lets addresses take turns, so that an address that floods waits behind itself", async () => {
    const hasher = createPasswordHasher({ parameters: cheap, concurrency: 1 });
    const served: string[] = [];
    const ask = async (address: string): Promise<void> => {
      await hasher.hash({ password: "password", salt, address });
      served.push(address);
    };
    await Promise.all([...Array.from({ length: 10 }, () => ask("flood")), ask("one"), ask("other")]);
    expect(served.indexOf("one")).toBeLessThanOrEqual(2);
    expect(served.indexOf("other")).toBeLessThanOrEqual(3);
  });

  test("bounds the queue of one address", async () => {
    const hasher = createPasswordHasher({ parameters: cheap, concurrency: 1, queuePerAddressMax: 2 });
    const asked = ["flood", "flood", "flood", "flood", "one"].map((address) =>
      hasher.hash({ password: "password", salt, address }),
    );
    expect((await Promise.all(asked)).map(({ ok }) => ok)).toEqual([true, true, true, false, true]);
  });

  test("reports how long each hash waited and took, and each refusal", async () => {
    const hashed: { waitedMs: number; ms: number }[] = [];
    let refused = 0;
    const observer = {
      hashed: (of: { waitedMs: number; ms: number }) => hashed.push(of),
      refused: () => (refused += 1),
    };
    const hasher = createPasswordHasher({ parameters: cheap, concurrency: 1, queueMax: 1, observer });
    await Promise.all([1, 2, 3].map(() => hasher.hash({ password: "password", salt })));
    expect(refused).toBe(1);
    expect(hashed).toHaveLength(2);
    expect(hashed[1]?.waitedMs).toBeGreaterThanOrEqual(hashed[0]?.ms ?? 0);
  });

  test("serves in order", async () => {
    const hasher = createPasswordHasher({ parameters: cheap, concurrency: 1 });
    const served: number[] = [];
    await Promise.all(
      [0, 1, 2, 3].map(async (index) => {
        await hasher.hash({ password: "password", salt });
        served.push(index);
      }),
    );
    expect(served).toEqual([0, 1, 2, 3]);
  });

  test("does no work for a client that has left", async () => {
    let hashes = 0;
    const observer = { hashed: () => void (hashes += 1), refused: () => {} };
    const hasher = createPasswordHasher({ concurrency: 1, observer });
    const left = Array.from({ length: 50 }, () => new AbortController());
    const staying = hasher.hash({ password: "stays", salt });
    const leaving = left.map(({ signal }) => hasher.hash({ password: "leaves", salt, signal }));
    for (const each of left) each.abort();
    expect(hasher.load.waiting).toBe(0);
    expect(await staying).toMatchObject({ ok: true });
    for (const outcome of await Promise.all(leaving)) expect(outcome).toMatchObject({ ok: false });
    expect(hashes).toBe(1);
  });

  test("keeps the event loop free", async () => {
    const hasher = createPasswordHasher({ concurrency: 1 });
    let turns = 0;
    const turn = (): void => {
      turns += 1;
      if (hasher.load.running > 0) setImmediate(turn);
    };
    const hashed = hasher.hash({ password: "password", salt });
    turn();
    await hashed;
    expect(turns).toBeGreaterThan(10);
  });

  test("continues after a hash that failed", async () => {
    const hasher = createPasswordHasher({ parameters: cheap, concurrency: 1 });
    const tooShort = new Uint8Array(1);
    await expect(hasher.hash({ password: "password", salt: tooShort })).rejects.toThrow();
    expect(await hasher.hash({ password: "password", salt })).toMatchObject({ ok: true });
  });
});
