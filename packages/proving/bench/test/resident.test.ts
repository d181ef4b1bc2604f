import { expect, test } from "vitest";
import { pssKb } from "../src/memory/resident.ts";

test("the memory of a process is at least what it keeps in a buffer", () => {
  const before = pssKb(process.pid);
  const kept = Buffer.alloc(64 << 20, 1);
  expect(pssKb(process.pid) - before).toBeGreaterThan(60 << 10);
  expect(kept.length).toBe(64 << 20);
});

test("a process that does not exist uses no memory", () => {
  expect(pssKb(2 ** 30)).toBe(0);
});
