import { expect, test } from "vitest";
import { entriesOf } from "../src/index.ts";

test("a table gives its own entries in their order, and the same list each time", () => {
  const table = { x: 1, y: 2 };
  expect(entriesOf(table)).toEqual([
    ["x", 1],
    ["y", 2],
  ]);
  expect(entriesOf(table)).toBe(entriesOf(table));
  expect(entriesOf({ ...table, x: 3 })).toEqual([
    ["x", 3],
    ["y", 2],
  ]);
});
