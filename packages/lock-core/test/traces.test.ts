import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { accountOwnerTable, characterOwnerTable, defaultLockTiming, serverLinkTable } from "../src/index.ts";
import { declaredBy } from "./noted-moves.ts";
import { answered } from "./trace.ts";

/**
 * With UPDATE_TRACES=1, the test writes the present answers into the traces. Read the diff before you commit
 * it.
 */
const isUpdating = process.env["UPDATE_TRACES"] === "1";
const folder = new URL("traces/", import.meta.url);
const traces = readdirSync(folder).filter((name) => name.endsWith(".trace"));

const read = (name: string): string => readFileSync(new URL(name, folder), "utf8");

test("the folder of traces is not empty", () => {
  expect(traces.length).toBeGreaterThan(0);
});

test.each(traces)("the locks and their owners change as in %s", (name) => {
  const trace = read(name);
  const now = answered(trace, defaultLockTiming);
  if (isUpdating) writeFileSync(new URL(name, folder), now);
  else expect(now).toBe(trace);
});

test.each([
  ["an account at its char-server", accountOwnerTable],
  ["a character at its map-server", characterOwnerTable],
  ["a server link", serverLinkTable],
])("the traces show every move of %s", (_owner, table) => {
  const moves = new Set<string>();
  for (const name of traces) answered(read(name), defaultLockTiming, moves);
  expect(declaredBy(table).filter((move) => !moves.has(move))).toEqual([]);
});
