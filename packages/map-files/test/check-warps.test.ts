import { expect, test } from "vitest";
import { checkWarps } from "../src/check-warps.ts";
import { parseTextMap } from "../src/index.ts";

const map = (name: string, warp: string) => {
  const source = `${name}.map`;
  const rows = ["########", "#......#", "#..##..#", ...new Array(5).fill("#......#")];
  const text = [`name: ${name}`, "spawn: 1,1", `warp: ${warp}`, "", ...rows].join("\n");
  return { source, map: parseTextMap(text, source) };
};
const yard = map("yard", "6,3 -> lane:2,4");

test("the warps between maps are valid if every target is a walkable cell of a known map", () => {
  expect(checkWarps([yard, map("lane", "1,4 -> yard:5,3")])).toEqual(new Map());
});

test.each([
  ["no map", [yard], "yard.map", "the warp 6,3 leads to lane:2,4, but there is no map lane"],
  [
    "a wall",
    [yard, map("lane", "1,4 -> yard:3,2")],
    "lane.map",
    "the warp 1,4 leads to yard:3,2, which is a wall",
  ],
  [
    "outside the map",
    [yard, map("lane", "1,4 -> yard:3,9")],
    "lane.map",
    "the warp 1,4 leads to yard:3,9, which is outside (yard is 8x8)",
  ],
])("a warp whose target is %s is reported, with the file and the cell", (_, maps, source, problem) => {
  expect(checkWarps(maps)).toEqual(new Map([[source, [`${source}: ${problem}`]]]));
});

test("a map with the name of another is reported", () => {
  const other = { ...yard, source: "other.map" };
  expect(checkWarps([yard, other, map("lane", "1,4 -> yard:5,3")])).toEqual(
    new Map([["other.map", ["other.map: the map in yard.map is named yard too"]]]),
  );
});
