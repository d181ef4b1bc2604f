import { expect, test } from "vitest";
import { pssKb } from "../src/memory/resident.ts";

test("the memory of a process is at least what it keeps in a buffer", () => {
  const before = pssKb(process.pid);
  const kept = Buffer.alloc(256 << 20, 1);
  // Node may give back some of its heap between the two readings.
  expect(pssKb(process.pid) - before).toBeGreaterThan(128 << 10);
  expect(kept.length).toBe(256 << 20);
});

test("a process that does not exist uses no memory", () => {
  expect(pssKb(2 ** 30)).toBe(0);
});
