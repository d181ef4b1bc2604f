import { describe, expect, test } from "vitest";
import { canonicalName, isAccountName, isPassword, normalisePassword } from "../src/index.ts";

describe("the name of an account", () => {
  test.each(["abc", "Under_score", "0123456789abcdefghij"])("may be %j", (name) => {
    expect(isAccountName(name)).toBe(true);
  });

  test.each(["", "ab", "0123456789abcdefghijk", "a b", "naïve", "a-b-c", "abc\n", "аbc"])(
    "may not be %j",
    (name) => {
      expect(isAccountName(name)).toBe(false);
    },
  );
});

test("names differ by more than case", () => {
  expect(canonicalName("MiXed_1")).toBe(canonicalName("mIxED_1"));
});

describe("a password", () => {
  test.each(["sixsix", "ünïcödé", "🗝️🗝️🗝️", " spaces count ", "x".repeat(128), "🗝".repeat(128)])(
    "may be %j",
    (password) => {
      expect(isPassword(password)).toBe(true);
    },
  );

  test.each(["", "fives", "🗝🗝🗝🗝🗝", "x".repeat(129), "🗝".repeat(129), "x".repeat(1_000_000)])(
    "may not be %j",
    (password) => {
      expect(isPassword(password)).toBe(false);
    },
  );

  test("is counted as it is hashed: composed", () => {
    const decomposed = "e\u0301".repeat(128);
    expect(normalisePassword(decomposed)).toHaveLength(128);
    expect(isPassword(decomposed)).toBe(true);
    expect(isPassword("e\u0301".repeat(5))).toBe(false);
  });
});
