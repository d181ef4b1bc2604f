import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { defaultLockTiming } from "../src/index.ts";
import { answered } from "./trace.ts";

/**
 * With UPDATE_TRACES=1, the test writes the present answers into the traces. Read the diff before you commit
 * it.
 */
const isUpdating = process.env["UPDATE_TRACES"] === "1";
const folder = new URL("traces/", import.meta.url);
const traces = readdirSync(folder).filter((name) => name.endsWith(".trace"));

test("the folder of traces is not empty", () => {
  expect(traces.length).toBeGreaterThan(0);
});

test.each(traces)("the locks change as in %s", (name) => {
  const file = new URL(name, folder);
  const trace = readFileSync(file, "utf8");
  const now = answered(trace, defaultLockTiming);
  if (isUpdating) writeFileSync(file, now);
  else expect(now).toBe(trace);
});
