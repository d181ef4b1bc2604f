import { describe, expect, test } from "vitest";
import { whyText } from "../src/explained.ts";
import { languages } from "../src/language.ts";
import { translations } from "../src/translations.ts";

const { en, de } = translations;
const untilMs = Date.parse("2026-12-31T12:00:00Z");

describe("a player reads", () => {
  test("until when a ban holds, and what the operator wrote", () => {
    expect(whyText(en, "banned", { untilMs, text: "for <b>spam</b>" })).toMatch(
      /^You are banned from this server\. The ban ends on 31 December 2026 at \d\d:00\. The operator says: for <b>spam<\/b>$/,
    );
    expect(whyText(de, "address-banned", { untilMs, text: "Spam" })).toMatch(
      /^Diese Adresse ist gesperrt\. Die Sperre endet am 31\. Dezember 2026 um \d\d:00\. Der Betreiber schreibt: Spam$/,
    );
  });

  test.each(languages)(
    "in %s, that a ban has no end, if it has none or none that a date can have",
    (language) => {
      const texts = translations[language];
      const endless = `${texts.refusal("banned")} ${texts.banEnds(null)}`;
      for (const each of [null, Number.MAX_SAFE_INTEGER])
        expect(whyText(texts, "banned", { untilMs: each, text: null })).toBe(endless);
    },
  );

  test.each([
    [en, "world"],
    [de, "Welt"],
  ])("of the rules of the world only where a character gets a name", (texts, word) => {
    expect(whyText(texts, "name-invalid", null)).not.toContain(word);
    expect(whyText(texts, "name-invalid", null, "character")).toContain(word);
    expect(whyText(texts, "name-taken", null, "character")).toBe(texts.refusal("name-taken"));
  });

  test("nothing about bans with any other code", () => {
    expect(whyText(en, "kicked", { untilMs: null, text: "afk" })).toBe(
      "An operator put you out. The operator says: afk",
    );
    expect(whyText(en, "busy", { untilMs: null, text: null })).toBe(en.refusal("busy"));
    expect(whyText(en, "banned", null)).toBe(en.refusal("banned"));
  });
});
