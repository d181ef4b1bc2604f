import { expect, test } from "vitest";
import { looksMax, StuckCalls } from "../src/game/stuck-calls.ts";

const look = (calls: StuckCalls, numbers: readonly number[]) => numbers.map((call) => calls.look(call));
const times = (count: number, call: number): readonly number[] => Array.from({ length: count }, () => call);

test("a call is stuck after so many looks, and not one look before", () => {
  const seen = look(new StuckCalls(), times(looksMax + 1, 7));
  expect(seen.indexOf(true)).toBe(looksMax);
});

test("many calls in turn are not stuck, and neither is a process without calls", () => {
  const calls = new StuckCalls();
  const turns = Array.from({ length: 10 * looksMax }, (_, index) => 1 + Math.floor(index / 3));
  expect(look(calls, [...turns, ...times(10 * looksMax, 0)])).not.toContain(true);
});

test("a call that ends begins the count anew", () => {
  const calls = new StuckCalls();
  expect(look(calls, [...times(looksMax, 7), 0, ...times(looksMax, 7)])).not.toContain(true);
});
