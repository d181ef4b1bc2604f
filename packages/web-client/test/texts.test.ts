import { expect, test } from "vitest";
import { languages, pickLanguage } from "../src/language.ts";
import type { LogLine } from "../src/map-screen.ts";
import { translations } from "../src/translations.ts";

/** Every text of a language, with sample values in those that take some. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(textsOf);
  return [];
}

test("no text is empty, and no sentence of one language stands in the other", () => {
  const [english, german] = [textsOf(translations.en), textsOf(translations.de)];
  expect(english.length).toBe(german.length);
  expect([...english, ...german].filter((text) => text.trim() === "")).toEqual([]);
  const same = english.filter((text, index) => text === german[index]);
  expect(same.sort()).toEqual(["Chat", "Name", "Sallyport"].filter((word) => same.includes(word)));
});

test.each([
  [["de-AT", "en"], "de"],
  [["fr", "DE"], "de"],
  [["en-GB"], "en"],
  [["fr", "ja"], "en"],
  [[], "en"],
] as const)("a browser that wants %j gets %s", (wanted, language) => {
  expect(pickLanguage(wanted)).toBe(language);
});

test.each(languages)("in %s, the surroundings are told in sentences", (language) => {
  const line: LogLine = {
    ...{ id: 1, kind: "surroundings", map: "yard", x: 1, y: 2, free: ["north", "east"] },
    warp: { direction: "west", cells: 4 },
    actors: [{ name: "Bo", direction: "south", cells: 1 }],
  };
  const told = translations[language].line(line);
  expect(told).toContain("yard");
  expect(told).toMatch(/\b4 (cells|Felder)\b.*Bo \(1 (cell|Feld)\b/);
  expect(translations[language].line({ ...line, free: [], warp: null, actors: [] })).toMatch(
    /^.+\. .+\. .+\.$/,
  );
});
