import { expect, test } from "vitest";
import type { Credential } from "../src/index.ts";
import { RememberedLogins, type RememberedLoginsOptions } from "../src/remembered-logins.ts";

const credential: Credential = {
  memoryKib: 8,
  iterations: 1,
  parallelism: 1,
  salt: new Uint8Array(16),
  storedKey: new Uint8Array(32).fill(1),
  serverKey: new Uint8Array(32).fill(2),
};
const login = { name: "Alice", password: "correct horse", credential };

function remembering(options: Partial<RememberedLoginsOptions> = {}) {
  const clock = { nowMs: 0 };
  const remembered = new RememberedLogins({
    rememberMs: 1_000,
    rememberedMax: 100,
    secret: new Uint8Array(32).fill(3),
    nowMs: () => clock.nowMs,
    ...options,
  });
  return { remembered, clock };
}

test("a right password is remembered for its time, however often it is used", () => {
  const { remembered, clock } = remembering();
  remembered.remember(login);
  for (clock.nowMs = 0; clock.nowMs < 1_000; clock.nowMs += 100) expect(remembered.has(login)).toBe(true);
  expect(remembered.has(login)).toBe(false);
  expect(remembered.count).toBe(0);
});

test("another password, name or credential does not match a remembered login", () => {
  const { remembered } = remembering();
  remembered.remember(login);
  expect(remembered.has({ ...login, name: "alice" })).toBe(true);
  expect(remembered.has({ ...login, password: "Correct horse" })).toBe(false);
  expect(remembered.has({ ...login, name: "alicf" })).toBe(false);
  const changed = { ...credential, storedKey: new Uint8Array(32).fill(9) };
  expect(remembered.has({ ...login, credential: changed })).toBe(false);
  // This login has the same letters in sequence, but the name ends one letter later.
  expect(remembered.has({ ...login, name: "Alicec", password: "orrect horse" })).toBe(false);
});

test("the least recently used login is forgotten when there are too many", () => {
  const { remembered } = remembering({ rememberedMax: 2 });
  const [one, two, three] = ["one", "two", "three"].map((name) => ({ ...login, name }));
  if (!one || !two || !three) throw new Error("three");
  remembered.remember(one);
  remembered.remember(two);
  remembered.has(one);
  remembered.remember(three);
  expect([one, two, three].map((each) => remembered.has(each))).toEqual([true, false, true]);
  expect(remembered.count).toBe(2);
});

test("no login is remembered if remembering is switched off", () => {
  for (const off of [{ rememberMs: 0 }, { rememberedMax: 0 }]) {
    const { remembered } = remembering(off);
    remembered.remember(login);
    expect(remembered.has(login)).toBe(false);
    expect(remembered.count).toBe(0);
  }
});

test("neither name nor password nor key is kept in any readable form", () => {
  const { remembered } = remembering();
  const kept: string[] = [];
  const set = Map.prototype.set;
  Map.prototype.set = function (key, value) {
    kept.push(String(key));
    return set.call(this, key, value);
  };
  try {
    remembered.remember(login);
  } finally {
    Map.prototype.set = set;
  }
  expect(kept).toHaveLength(1);
  expect(kept.join()).toMatch(/^[\w+/]{43}=$/);
});
