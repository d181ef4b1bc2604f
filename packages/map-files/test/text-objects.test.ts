import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MapFileError, parseTextMap } from "../src/index.ts";

const rows = ["########", "#......#", "#..##..#", ...new Array<string>(4).fill("#......#"), "########"];
const text = (...head: string[]) => ["name: yard", ...head, "", ...rows, ""].join("\n");
const mapOf = (...head: string[]) => parseTextMap(text("spawn: 1,1", ...head), "yard.map");

function problemsOf(mapText: string): readonly string[] {
  try {
    parseTextMap(mapText, "yard.map");
  } catch (error) {
    if (error instanceof MapFileError) return error.problems;
    throw error;
  }
  return [];
}

describe("an object in a text file", () => {
  test("has a class, a name, a cell and properties with the types of their values", () => {
    const line =
      'object: npc Mara 2,3 dialogue=greeting level=3 hostile=false pace=-0.5 says="Well, hello" id=007';
    expect(mapOf(line).objects).toEqual([
      {
        name: "Mara",
        class: "npc",
        x: 2,
        y: 3,
        width: 1,
        height: 1,
        properties: {
          dialogue: "greeting",
          level: 3,
          hostile: false,
          pace: -0.5,
          says: "Well, hello",
          id: "007",
        },
      },
    ]);
  });

  test("can have a size, no name, or a name of several words", () => {
    const { objects } = mapOf("object: chest 2,3", 'object: zone "Old market" 1,1 6x6 pvp=true');
    expect(objects).toMatchObject([
      { class: "chest", name: "", x: 2, y: 3, width: 1, height: 1 },
      { class: "zone", name: "Old market", x: 1, y: 1, width: 6, height: 6, properties: { pvp: true } },
    ]);
  });

  test("of the class spawn or warp is the same as a spawn or warp line, for each of its cells", () => {
    const lines = text("spawn: 1,1", "warp: 2,3 -> lane:4,5", "warp: 3,3 -> lane:4,5");
    const objects = text("object: spawn 1,1", "object: warp gate 2,3 2x1 to=lane toX=4 toY=5");
    expect(parseTextMap(objects, "yard.map")).toEqual(parseTextMap(lines, "yard.map"));
  });

  test("of the class spawn with a name of its own is for the game", () => {
    const map = mapOf("object: spawn arena 5,5");
    expect(map.spawn).toEqual({ x: 1, y: 1 });
    expect(map.objects).toMatchObject([{ class: "spawn", name: "arena", x: 5, y: 5 }]);
  });

  test("may be on a wall if its class is a word of the game alone, because signs hang there", () => {
    expect(mapOf("object: sign Inn 3,2").objects).toMatchObject([{ class: "sign", x: 3, y: 2 }]);
  });

  test("may have a property of any name", () => {
    const [object] = mapOf("object: npc Mara 2,3 __proto__=1 constructor=2").objects;
    expect(JSON.stringify(object?.properties)).toBe('{"__proto__":1,"constructor":2}');
  });

  test.each([
    [
      "without a cell",
      "object: npc Mara",
      'expected an object like npc Mara 12,30 level=3, found "npc Mara"',
    ],
    ["with half a cell", "object: npc Mara 2", 'expected a cell like 12,30, found "2"'],
    ["outside", "object: npc Mara 8,1", 'the npc "Mara" 8,1 is outside (8x8)'],
    ["partly outside", "object: zone market 5,5 4x1", 'the zone "market" 5,5 4x1 is outside (8x8)'],
    ["on a wall", "object: monster rat 3,2", 'the monster "rat" 3,2 is a wall'],
    ["only on walls", "object: zone cellar 3,2 2x1", 'the zone "cellar" 3,2 2x1 is a wall'],
    [
      "that is a warp onto a wall",
      "object: warp 2,2 2x1 to=y toX=1 toY=1",
      "the warp 2,2 2x1 at 3,2 is a wall",
    ],
    [
      "that is a warp to nowhere",
      "object: warp gate 2,3 toX=1 toY=1",
      '"to" is missing: the name of the map to which the warp leads',
    ],
    ["that is a warp without a target cell", "object: warp gate 2,3 to=y toX=1", '"toY" is missing'],
    [
      "that is a warp to half a cell",
      "object: warp 2,3 to=y toX=1.5 toY=1",
      '"toX" is the number of a cell, and "1.5" is not',
    ],
    [
      "that is one of too many warps",
      "object: warp 1,1 2000x6 to=y toX=1 toY=1",
      "there are more than 10000 cells with warps",
    ],
    ["that is a second spawn", "object: spawn 2,3", "a second spawn; give one of them a name of its own"],
    ["with no size", "object: zone market 2,3 0x4", "an object has at least 1x1 cells, not 0x4"],
    [
      "with a bare word",
      "object: npc Mara 2,3 greeting",
      'expected a property like level=3, found "greeting"',
    ],
    ["with a property twice", "object: npc Mara 2,3 a=1 a=2", 'the property "a" is given twice'],
    [
      "with an open quotation mark",
      'object: npc "Mara 2,3',
      'a quotation mark has no second one in "npc \\"Mara 2,3"',
    ],
    [
      "with a quotation mark inside a word",
      'object: npc Mara 2,3 says=a"b"',
      '"a\\"b\\"" is no text in quotes',
    ],
  ])("%s is refused, and told where and why", (_, line, problem) => {
    expect(problemsOf(text("spawn: 1,1", line))).toEqual([`yard.map:3: ${problem}`]);
  });

  test("is not read beyond ten thousand of them", () => {
    const objects = new Array<string>(9_999).fill("object: chest 2,3");
    expect(mapOf(...objects).objects).toHaveLength(9_999);
    expect(problemsOf(text("spawn: 1,1", ...objects, "object: chest 2,3"))).toEqual([
      "yard.map:10002: there are more than 10000 objects",
    ]);
  });
});

describe("the movement on a map", () => {
  test("is walked if the file does not say it", () => {
    expect(mapOf().movement).toEqual({ kind: "walked" });
    expect(mapOf("movement: walked").movement).toEqual({ kind: "walked" });
  });

  test("can be reported, in units", () => {
    expect(mapOf("movement: reported unitsPerCell=32 greatestSpeed=320").movement).toEqual({
      kind: "reported",
      unitsPerCell: 32,
      greatestSpeed: 320,
    });
  });

  test.each([
    ["flown", '"movement" is walked or reported, and "flown" is neither'],
    ["reported greatestSpeed=3", '"unitsPerCell" is missing, which the movement reported needs'],
    [
      "reported unitsPerCell=32 greatestSpeed=0",
      '"greatestSpeed" is a whole number from 1 to 1000000, and "0" is not',
    ],
    [
      "reported unitsPerCell=x greatestSpeed=1",
      '"unitsPerCell" is a whole number from 1 to 10000, and "x" is not',
    ],
    ["walked unitsPerCell=32", '"unitsPerCell" and "greatestSpeed" go only with the movement reported'],
    ["walked speed=32", '"movement:" has no property "speed"'],
  ])("cannot be %s", (movement, problem) => {
    expect(problemsOf(text("spawn: 1,1", `movement: ${movement}`))).toEqual([`yard.map:3: ${problem}`]);
  });
});

describe("a room", () => {
  test("needs neither cells nor a spawn, and can have both", () => {
    const lobby = parseTextMap("name: lobby\nroom: yes\n", "lobby.map");
    expect(lobby).toMatchObject({ isRoom: true, width: 16, height: 16, spawn: { x: 8, y: 8 } });
    expect(mapOf("room: yes")).toMatchObject({ isRoom: true, width: 8, spawn: { x: 1, y: 1 } });
    expect(mapOf("room: yes").isOpen).toBe(false);
    expect(mapOf("room: open")).toMatchObject({ isRoom: true, isOpen: true });
    expect(mapOf("room: no").isRoom).toBe(false);
    expect(mapOf().isRoom).toBe(false);
  });

  test("is said by yes, open or no", () => {
    expect(problemsOf(text("spawn: 1,1", "room: true"))).toEqual([
      'yard.map:3: "room:" is yes, open or no, and "true" is none of them',
    ]);
  });
});

test("the properties of a map are for the game", () => {
  expect(mapOf('properties: music="Two moons" pvp=true').properties).toEqual({
    music: "Two moons",
    pvp: true,
  });
  expect(mapOf().properties).toEqual({});
});

test("all wrong lines of a header are reported together", () => {
  expect(problemsOf(text("spawn: 1", "room: maybe", "object: npc", "size: 9x9"))).toHaveLength(3);
});

test("a header of any words is a map or a MapFileError", () => {
  const head = fc.constantFrom("object: ", "movement: ", "properties: ", "warp: ", "room: ", "");
  const word = fc.oneof(
    fc.constantFrom(
      "npc",
      "zone",
      "spawn",
      "warp",
      "2,3",
      "2x2",
      "a=1",
      'b="x y"',
      "to=yard",
      "toX=1",
      "toY=1",
    ),
    fc.string({ maxLength: 8 }),
  );
  const line = fc.tuple(head, fc.array(word, { maxLength: 7 })).map(([key, words]) => key + words.join(" "));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      expect(problemsOf(text("spawn: 1,1", ...lines))).toBeInstanceOf(Array);
    }),
    { numRuns: 500 },
  );
});
