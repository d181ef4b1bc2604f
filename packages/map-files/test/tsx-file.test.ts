import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MapFileError, parseTiledMap } from "../src/index.ts";
import { folder, innText } from "./tiled-inn.ts";

const town = 'inn.tmj: tileset "tilesets/town.tsx"';

function withTsx(tsx: string): readonly string[] {
  try {
    parseTiledMap(innText, "inn.tmj", () => new TextEncoder().encode(tsx));
  } catch (error) {
    if (error instanceof MapFileError) return error.problems;
    throw error;
  }
  return [];
}

describe("a tileset in XML", () => {
  const real = readFileSync(new URL("tilesets/town.tsx", folder), "utf8");

  test.each([
    ["cut off", real.slice(0, -20), /is not XML \(.*unclosed tag/],
    ["a map", '<map version="1.10"/>', /is no tileset; its first element is map/],
    ["too deep", `<tileset>${"<a>".repeat(40)}`, /has more than 32 levels/],
    ["with a tile without an id", "<tileset><tile/></tileset>", /"id" is a number, and "null" is not/],
    [
      "with a number that is none",
      real.replace('value="5"', 'value="five"'),
      /a property of a tile is int, and "five" is not/,
    ],
    [
      "with entities that grow",
      `<!DOCTYPE t [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><tileset name="&b;"/>`,
      /is not XML \(.*undefined entity/,
    ],
  ])("that is %s is refused", (_, tsx, problem) => {
    const [first = ""] = withTsx(tsx);
    expect(first.slice(0, town.length)).toBe(town);
    expect(first).toMatch(problem);
  });

  test("with any bytes is a tileset or a MapFileError", () => {
    const spoiled = fc
      .tuple(
        fc.nat(real.length),
        fc.nat(12),
        fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom("<", "&", '"', ">")),
      )
      .map(([at, removed, put]) => real.slice(0, at) + put + real.slice(at + removed));
    fc.assert(
      fc.property(spoiled, (tsx) => {
        expect(withTsx(tsx)).toBeInstanceOf(Array);
      }),
    );
  });
});
