import { describe, expect, test } from "vitest";
import { isEmail, readEmail } from "../src/index.ts";

describe("an e-mail address", () => {
  test.each([
    ["Ann.Lee+game@Example.ORG", "Ann.Lee+game@example.org", "ann.lee+game@example.org"],
    ["Zoe\u0308@example.org", "Zo\u00eb@example.org", "zo\u00eb@example.org"],
    ["a@M\u00dcLLER.example", "a@xn--mller-kva.example", "a@xn--mller-kva.example"],
    ["o'hara@mail.example.org", "o'hara@mail.example.org", "o'hara@mail.example.org"],
    [`${"a".repeat(64)}@example.org`, `${"a".repeat(64)}@example.org`, `${"a".repeat(64)}@example.org`],
  ])("%j is kept as %j and compared as %j", (typed, address, key) => {
    expect(readEmail(typed)).toEqual({ address, key });
  });

  test.each([
    "",
    "@",
    "ann",
    "ann@",
    "@example.org",
    "ann@example",
    "ann@example.org@example.org",
    "ann lee@example.org",
    "ann\u00a0lee@example.org",
    "ann\u200blee@example.org",
    "ann\r\nBcc:bob@example.org",
    "ann@example.org\r\nBcc: bob@example.org",
    "<ann@example.org>",
    "ann,bob@example.org",
    '"ann"@example.org',
    ".ann@example.org",
    "ann..lee@example.org",
    "ann@192.0.2.1",
    "ann@0x7f.1",
    "ann@[192.0.2.1]",
    "ann@-example.org",
    "ann@exa mple.org",
    `${"a".repeat(65)}@example.org`,
    `${"\u00eb".repeat(33)}@example.org`,
    `ann@${"a.".repeat(125)}example`,
    "ann\0@example.org",
    "x".repeat(1_000_000),
  ])("%j is none", (typed) => {
    expect(readEmail(typed)).toBe(null);
  });

  test("stays the same if it is read again", () => {
    for (const typed of ["Ann@EXAMPLE.org", "Zoe\u0308@m\u00fcller.example"]) {
      const email = readEmail(typed);
      expect(readEmail(email?.address ?? "")).toEqual(email);
      expect(readEmail(email?.key ?? "")?.key).toBe(email?.key);
    }
  });

  test("is told from a name by its @", () => {
    expect(["ann", "ann@example.org", "@"].map(isEmail)).toEqual([false, true, true]);
  });
});
