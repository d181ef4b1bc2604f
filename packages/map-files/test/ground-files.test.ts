import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseField } from "../src/ground/field-file.ts";
import { parseGat } from "../src/ground/gat-file.ts";
import { GroundFileError } from "../src/ground/ground.ts";
import { MapFileError, parseTextMap } from "../src/index.ts";

interface Gat {
  readonly width?: number;
  readonly height?: number;
  readonly version?: readonly [number, number];
  /** The type of each cell that is no ground. */
  readonly types?: Readonly<Record<number, number>>;
}

/** Writes a file as clients have it. All corners have a height of their own. */
function gatFile({ width = 8, height = 9, version = [1, 2], types = {} }: Gat = {}): Uint8Array {
  const bytes = Buffer.alloc(14 + 20 * width * height);
  bytes.write("GRAT");
  bytes.set(version, 4);
  bytes.writeUInt32LE(width, 6);
  bytes.writeUInt32LE(height, 10);
  for (let index = 0; index < width * height; index++) {
    const at = 14 + 20 * index;
    for (let corner = 0; corner < 4; corner++) bytes.writeFloatLE(-index - corner / 4, at + 4 * corner);
    bytes.writeUInt32LE(types[index] ?? 0, at + 16);
  }
  return bytes;
}

const whyNot = (parse: () => unknown): string => {
  try {
    parse();
  } catch (error) {
    if (error instanceof GroundFileError || error instanceof MapFileError) return error.message;
    throw error;
  }
  return "none";
};

describe("a .gat file", () => {
  test.each([
    [0, true],
    [1, false],
    [2, true],
    [3, true],
    [4, true],
    [5, false],
    [6, true],
    [7, false],
    [255, false],
    [0x8000_0003, true],
    [0x8000_0001, false],
  ])("has cells of type %i, which are a floor: %s", (type, isFloor) => {
    const ground = parseGat(gatFile({ types: { 19: type } }));
    expect(ground).toMatchObject({ width: 8, height: 9 });
    expect([...ground.cells].map((cell, index) => (index === 19 ? null : cell))).toEqual(
      [...new Array<number>(72).fill(0)].map((cell, index) => (index === 19 ? null : cell)),
    );
    expect(ground.cells[19]).toBe(isFloor ? 0 : 1);
  });

  test.each([[[1, 2]], [[1, 3]]] as const)("has the version %j", (version) => {
    expect(parseGat(gatFile({ version })).cells).toHaveLength(72);
  });

  test.each([
    ["another version", gatFile({ version: [2, 1] }), "has the version 2.1; known are 1.2 and 1.3"],
    ["another beginning", Buffer.from("GRAY".padEnd(40)), "does not begin with GRAT, as a .gat file does"],
    ["no head", Buffer.from("GRAT"), "is too short for a file of cells"],
    ["a side too long", gatFile({ width: 1025, height: 8 }), "says it is 1025x8; a side is 8 to 1024"],
    ["a lost end", gatFile().subarray(0, -1), "is 8x9 and so 1454 bytes long, not 1453"],
  ])("with %s is refused", (_, bytes, why) => {
    expect(whyNot(() => parseGat(bytes))).toBe(why);
  });

  test("is the cells of a map that names it, each at the place that the file gives", () => {
    const read = (file: string) => (file === "y.gat" ? gatFile({ types: { 19: 1 } }) : new Uint8Array());
    const map = parseTextMap("name: y\nspawn: 1,1\ncells: y.gat", "y.map", read);
    expect([map.isWalkable(3, 2), map.isWalkable(2, 3)]).toEqual([false, true]);
  });
});

test("a map cannot take its cells from a file of another kind", () => {
  expect(whyNot(() => parseTextMap("name: y\nspawn: 1,1\ncells: y.rsw", "y.map", () => gatFile()))).toBe(
    'y.map:3: expected a file that ends with .fld2, .gat, .fld2.gz or .gat.gz, found "y.rsw"',
  );
});

test("files of cells with any bytes are cells or a GroundFileError", () => {
  const spoiled = fc
    .tuple(fc.nat(60), fc.uint8Array({ minLength: 1, maxLength: 8 }), fc.nat(40))
    .map(([at, bytes, less]) => {
      const file = Uint8Array.from(gatFile());
      file.set(bytes, at);
      return file.subarray(0, less === 0 ? file.length - 1 : file.length);
    });
  fc.assert(
    fc.property(fc.oneof(spoiled, fc.uint8Array({ maxLength: 100 })), (bytes) => {
      expect(whyNot(() => parseGat(bytes))).toBeTypeOf("string");
      expect(whyNot(() => parseField(bytes))).toBeTypeOf("string");
    }),
  );
});
