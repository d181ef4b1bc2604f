import { describe, expect, test } from "vitest";
import { describeMap, drawMap, parseTextMap } from "../src/index.ts";

const rows = ["########", "#......#", "#..##..#", ...new Array<string>(5).fill("#......#")];
const mapOf = (...head: string[]) =>
  parseTextMap(["name: yard", "spawn: 1,1", ...head, "", ...rows].join("\n"), "yard.map");

test("a map is described in one line", () => {
  expect(describeMap(mapOf())).toBe("yard 8x8, walked, 40 floors, 0 warps, 0 objects");
  const head = [
    "warp: 6,3 -> yard:1,1",
    "object: npc Mara 2,3",
    "object: npc Lea 2,4",
    "object: zone a 1,1 2x2",
  ];
  expect(describeMap(mapOf(...head))).toBe("yard 8x8, walked, 40 floors, 1 warp, 3 objects (npc 2, zone 1)");
  const reported = mapOf(
    "movement: reported unitsPerCell=32 greatestSpeed=320",
    "room: yes",
    "object: npc 2,3",
  );
  expect(describeMap(reported)).toBe(
    "yard 8x8, a room, reported (32 units a cell, at most 320 a second), 40 floors, 0 warps, 1 object (npc 1)",
  );
});

test("a map with a thousand classes is described in a short line without control characters", () => {
  const head = Array.from({ length: 1_000 }, (_, index) => `object: "\\u009b${index}" 2,3`);
  const text = describeMap(mapOf(...head));
  expect(text).toContain('"\\u{9b}0" 1');
  expect(text).toContain("988 other classes");
  expect(text.length).toBeLessThan(400);
});

describe("a map is drawn", () => {
  test("cell by cell if it is narrow enough", () => {
    const map = mapOf("warp: 6,3 -> yard:1,1", "object: npc Mara 2,3", "object: zone market 4,4 3x3");
    expect(drawMap(map, 8)).toBe(`\
########
#@.....#
#..##..#
#.*...>#
#......#
#......#
#......#
#......#
# wall  . floor  > warp  @ spawn  * object
`);
  });

  test("with one character for several cells if it is wider", () => {
    const map = mapOf("warp: 6,3 -> yard:1,1", "object: npc Mara 2,3", "object: npc Lea 3,7");
    expect(drawMap(map, 7)).toBe(`\
@###
#*.>
#..#
#*.#
# wall  . floor  > warp  @ spawn  * object; one character for 2x2 cells
`);
  });

  test.each([8, 9, 100, 1_024])("never wider than its bound, with %i columns", (width) => {
    const map = parseTextMap(`name: y\nsize: ${width}x10\nspawn: 7,9\n`, "y.map");
    for (const max of [1, 3, 8, 100]) {
      const drawn = drawMap(map, max).trimEnd().split("\n").slice(0, -1);
      expect(Math.max(...drawn.map((line) => line.length))).toBeLessThanOrEqual(max);
      expect(drawn.join("")).toContain("@");
    }
  });
});
