import { expect, test } from "vitest";
import { Allowance } from "../src/allowance.ts";

test("saved allowance may be spent at once, and a debt takes time to repay", () => {
  const allowance = new Allowance(10, 20, 0);
  expect(allowance.spend(20, 0)).toBe(0);
  expect(allowance.spend(5, 0)).toBe(500);
  expect(allowance.spend(0, 400)).toBe(100);
  expect(allowance.spend(0, 500)).toBe(0);
});

test("no more is saved up than the bound", () => {
  const allowance = new Allowance(10, 20, 0);
  expect(allowance.spend(21, 1_000_000)).toBe(100);
});
