import { attributesCharsMax, type CharacterState } from "@sallyport/domain";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeState } from "../src/character-state.ts";

const position = { map: "harbour", x: 0, y: 2_147_483_647 };
const encode = (attributes: unknown, at: unknown = position) =>
  encodeState({ position: at, attributes } as CharacterState);

test("any JSON object can be stored, and is read back as it was", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })), (attributes) => {
      expect(JSON.parse(encode(attributes)?.attributes ?? "")).toEqual(
        JSON.parse(JSON.stringify(attributes)),
      );
    }),
  );
});

function nested(depth: number): unknown {
  return depth === 0 ? 1 : { in: nested(depth - 1) };
}

const cycle: Record<string, unknown> = {};
cycle["self"] = cycle;

test.each([
  ["no object", 7],
  ["a list", []],
  ["null", null],
  ["undefined", undefined],
  ["a number that JSON has not", { x: Number.NaN }],
  ["a big integer", { x: 1n }],
  ["a hole", { x: undefined }],
  ["bytes", { x: new Uint8Array(2) }],
  ["a date", { x: new Date(0) }],
  ["a map", { x: new Map() }],
  ["a function", { x: () => 1 }],
  ["more depth than 32", nested(33)],
  ["NUL in a text", { x: "nul \0" }],
  ["NUL in a name", { "k\0ey": 1 }],
  ["half a surrogate pair", { x: "\ud83d" }],
  ["itself", cycle],
  ["too much", { x: "x".repeat(attributesCharsMax) }],
])("attributes that are or hold %s are refused", (_, attributes) => {
  expect(encode(attributes)).toBe(undefined);
});

test("a value that a text hides behind a second key of the same name is not stored", () => {
  const hidden = JSON.parse(`{"x":"nul \\u0000","y":1,"x":2}`);
  expect(encode(hidden)?.attributes).toBe('{"x":2,"y":1}');
});

test("depth and size up to the bound are accepted", () => {
  expect(encode(nested(32))).toBeDefined();
  expect(encode({ x: "x".repeat(attributesCharsMax - 8) })).toBeDefined();
});

test.each([
  { map: "", x: 0, y: 0 },
  { map: "m".repeat(65), x: 0, y: 0 },
  { map: "nul\0", x: 0, y: 0 },
  { map: "m", x: -1, y: 0 },
  { map: "m", x: 0, y: 0.5 },
  { map: "m", x: 2 ** 31, y: 0 },
  { map: 5, x: 0, y: 0 },
])("the position %j is refused", (at) => {
  expect(encode({}, at)).toBe(undefined);
});
