import fc from "fast-check";
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
    "ann@example.org\n",
    "ann@exam\tple.org",
    "ann@example.org/bob",
    "ann@example.org\\bob",
    "ann@example.org?bob",
    "ann@example.org#bob",
    "ann@example%2eorg",
    "ann@example.org:25",
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

  test("is bounded, has no blank and no control character, and is read again, whatever was typed", () => {
    const part = fc.oneof(fc.string({ unit: "binary", maxLength: 30 }), fc.emailAddress(), fc.domain());
    const typed = fc
      .array(part, { maxLength: 4 })
      .chain((parts) => fc.constantFrom("", "@", ".").map((between) => parts.join(between)));
    const property = fc.property(fc.oneof(fc.emailAddress(), typed), (text) => {
      const email = readEmail(text);
      if (email === null) return;
      expect(email.address).not.toMatch(/[\s\p{Cc}\p{Surrogate}]/u);
      expect(Buffer.byteLength(email.address)).toBeLessThanOrEqual(254);
      expect(readEmail(email.address)).toEqual(email);
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  test("is told from a name by its @", () => {
    expect(["ann", "ann@example.org", "@"].map(isEmail)).toEqual([false, true, true]);
  });
});
