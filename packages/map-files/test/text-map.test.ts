import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MapFileError, parseTextMap } from "../src/index.ts";

const header = ["name: yard", "title: The yard", "spawn: 1,1", "warp: 6,3 -> lane:2,4"];
const rows = ["########", "#......#", "#..##..#", "#......#", "#......#", "#......#", "#......#", "########"];
const text = (head = header, cells = rows) => [...head, "", ...cells, ""].join("\n");

function problemOf(mapText: string): string {
  try {
    parseTextMap(mapText, "yard.map");
  } catch (error) {
    if (error instanceof MapFileError) return error.message;
    throw error;
  }
  return "none";
}

describe("a map file", () => {
  test("becomes cells row by row, with its spawn and its warps", () => {
    const map = parseTextMap(text(), "yard.map");
    expect(map).toMatchObject({
      name: "yard",
      title: "The yard",
      width: 8,
      height: 8,
      spawn: { x: 1, y: 1 },
    });
    expect(map.warps).toEqual([{ x: 6, y: 3, to: { map: "lane", x: 2, y: 4 } }]);
    expect([...map.cells.subarray(16, 32)]).toEqual([1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 2, 1]);
    expect(map.warpAt(6, 3)).toBe(map.warps[0]);
    expect(map.warpAt(5, 3)).toBeUndefined();
  });

  test("is walkable on floors and warps, and nowhere else", () => {
    const map = parseTextMap(text(), "yard.map");
    expect(map.isWalkable(1, 1)).toBe(true);
    expect(map.isWalkable(6, 3)).toBe(true);
    expect(map.isWalkable(3, 2)).toBe(false);
    for (const [x, y] of [
      [-1, 1],
      [8, 1],
      [1, 8],
      [1.5, 1],
      [0, 1.25],
      [Number.NaN, 1],
    ]) {
      expect(map.isWalkable(x as number, y as number)).toBe(false);
    }
  });

  test.each(["1@cata", "06guild_r", "1@4igd", "new_1-1", "prt_fild08", "2009rwc_f01"])(
    "may be named %s, like maps of older clients, and a warp may lead there",
    (name) => {
      const map = parseTextMap(
        text([`name: ${name}`, "spawn: 1,1", `warp: 6,3 -> ${name}:5,3`]),
        `${name}.map`,
      );
      expect(map.name).toBe(name);
      expect(map.warps[0]?.to.map).toBe(name);
    },
  );

  test.each(["@cata", "-cata", "Cata", "1 cata", "1.cata", "1/cata", "1:cata", "kätä"])(
    "may not be named %s",
    (name) => {
      expect(problemOf(text([`name: ${name}`, "spawn: 1,1"]))).toContain("a map name is");
    },
  );

  test("may leave out the title, end lines as Windows does, and close with blank lines", () => {
    const map = parseTextMap(
      `${text(["name: yard", "spawn: 1,1"]).replaceAll("\n", "\r\n")}\r\n\r\n`,
      "yard.map",
    );
    expect(map.title).toBe("yard");
    expect(map.height).toBe(8);
  });

  test.each([
    [
      "no blank line",
      header.join("\n"),
      "yard.map:4: there is no blank line between the header and the cells",
    ],
    ["no name", text(["spawn: 1,1"]), 'yard.map:2: the header has no "name:"'],
    ["no spawn", text(["name: yard"]), 'yard.map:2: the header has no "spawn:"'],
    [
      "an unknown header",
      text(["nmae: yard"]),
      'yard.map:1: expected "name:", "title:", "spawn:", "warp:", "object:", "size:", "cells:", "movement:", "room:", "properties:" or a blank line, found "nmae: yard"',
    ],
    ["a header twice", text(["name: yard", "name: yard"]), 'yard.map:2: "name:" is given twice'],
    ["an empty header", text(["name:"]), 'yard.map:1: "name:" is empty'],
    [
      "a name no client can carry",
      text(["name: the-long-yard"]),
      'yard.map:1: a map name is 1 to 11 of a-z, 0-9, "_", "@" and "-", a letter or digit first, and "the-long-yard" is not',
    ],
    ["half a cell", text(["name: y", "spawn: 1"]), 'yard.map:2: expected a cell like 12,30, found "1"'],
    [
      "a warp to nowhere",
      text(["name: y", "spawn: 1,1", "warp: 2,2 lane"]),
      'yard.map:3: expected a warp like 12,30 -> forest:5,6, found "2,2 lane"',
    ],
    ["a spawn in a wall", text(["name: y", "spawn: 3,2"]), "yard.map:2: the spawn 3,2 is a wall"],
    ["a spawn outside", text(["name: y", "spawn: 8,2"]), "yard.map:2: the spawn 8,2 is outside (8x8)"],
    [
      "a spawn on a warp",
      text(["name: y", "spawn: 2,1", "warp: 2,1 -> y:1,1"]),
      "yard.map:2: the spawn 2,1 is already a warp",
    ],
    [
      "two warps on a cell",
      text([...header, "warp: 6,3 -> lane:1,1"]),
      "yard.map:5: the warp 6,3 is already a warp",
    ],
    [
      "no ground at all",
      "name: y\nspawn: 1,1",
      "yard.map:2: there is no blank line between the header and the cells",
    ],
    [
      "a size that is none",
      text(["name: y", "spawn: 1,1", "size: 7x2000"], []),
      'yard.map:3: expected a size like 312x392, 8 to 1024, found "7x2000"',
    ],
    [
      "a size and cells drawn",
      text(["name: y", "spawn: 1,1", "size: 9x9"]),
      'yard.map:5: cells are drawn, and "size:" or "cells:" is given too',
    ],
    [
      "two grounds",
      text(["name: y", "spawn: 1,1", "size: 9x9", "cells: y.fld2"], []),
      'yard.map:4: "size:" or "cells:" is given twice',
    ],
    [
      "cells elsewhere",
      text(["name: y", "spawn: 1,1", "cells: ../y.fld2"], []),
      'yard.map:3: expected the name of a file in the same folder, found "../y.fld2"',
    ],
    [
      "cells that are not there",
      text(["name: y", "spawn: 1,1", "cells: y.fld2"], []),
      'yard.map:3: "y.fld2" cannot be read (there are no files beside it)',
    ],
    [
      "a spawn outside its size",
      text(["name: y", "size: 9x9", "spawn: 9,1"], []),
      "yard.map:3: the spawn 9,1 is outside (9x9)",
    ],
    [
      "a ragged row",
      text(header, rows.with(5, "#.....#")),
      "yard.map:11: this row has 7 cells, the first has 8",
    ],
    [
      "a hole in the rows",
      text(header, rows.with(5, "")),
      "yard.map:11: this row has 0 cells, the first has 8",
    ],
    [
      "a strange cell",
      text(header, rows.with(5, "#..T...#")),
      'yard.map:11: a cell is "#" or ".", and "T" at x 3 is not',
    ],
    [
      "too few rows",
      text(header, rows.slice(1)),
      "yard.map:12: a map has 8 to 1024 rows of cells, this one has 7",
    ],
    [
      "rows too long",
      text(header, [".".repeat(1025), ...rows]),
      "yard.map:6: a row has 8 to 1024 cells, this one has 1025",
    ],
    [
      "too many rows",
      text(header, new Array(1025).fill("........")),
      "yard.map:1030: a map has 8 to 1024 rows of cells, this one has 1025",
    ],
  ])("with %s is refused, and told where and why", (_, mapText, problem) => {
    expect(problemOf(mapText)).toBe(problem);
  });

  test("with only a size is floor everywhere, except for its warps", () => {
    const map = parseTextMap(
      "name: plain\nsize: 312x392\nspawn: 156,191\nwarp: 9,22 -> lane:2,4\n",
      "plain.map",
    );
    expect(map).toMatchObject({ width: 312, height: 392, spawn: { x: 156, y: 191 } });
    expect(map.warpAt(9, 22)?.to.map).toBe("lane");
    expect([map.isWalkable(0, 0), map.isWalkable(311, 391), map.isWalkable(312, 391)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(map.cells.every((cell, index) => cell === (index === 22 * 312 + 9 ? 2 : 0))).toBe(true);
  });

  test("takes its cells from a field file beside it, each at the place that the file gives", () => {
    const field = new Uint8Array(4 + 8 * 9).fill(1);
    field.set([8, 0, 9, 0]);
    // The cell 3,2 is a cliff. The cell 5,8 is water on which players can walk.
    field[4 + 2 * 8 + 3] = 0b1000;
    field[4 + 8 * 8 + 5] = 0b0101;
    const read = (file: string) => (file === "y.fld2" ? field : new Uint8Array());
    const map = parseTextMap("name: y\nspawn: 1,1\ncells: y.fld2", "y.map", read);
    expect([map.width, map.height]).toEqual([8, 9]);
    expect([map.isWalkable(3, 2), map.isWalkable(2, 3), map.isWalkable(5, 8)]).toEqual([false, true, true]);
    expect(map.cells.filter((cell) => cell === 1)).toHaveLength(1);
  });

  test.each([
    ["too short", [8, 0, 8], "is too short for a file of cells"],
    ["too small", [8, 0, 7, 0], "says it is 8x7; a side is 8 to 1024"],
    ["cut off", [8, 0, 8, 0, 1], "is 8x8 and so 68 bytes long, not 5"],
  ])("is refused when its field file is %s", (_, bytes, why) => {
    const parse = () =>
      parseTextMap("name: y\nspawn: 1,1\ncells: y.fld2", "y.map", () => Uint8Array.from(bytes));
    expect(parse).toThrow(`y.map:3: "y.fld2" ${why}`);
  });

  test("with any bytes is either a map or a MapFileError", () => {
    const line = fc.oneof(fc.string(), fc.constantFrom(...header, ...rows, "", "warp: 1,1 -> y:99,1"));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        expect(problemOf(lines.join("\n"))).toBeTypeOf("string");
      }),
    );
  });
});
