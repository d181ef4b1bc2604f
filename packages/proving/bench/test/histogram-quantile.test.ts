import { expect, test } from "vitest";
import { quantileBetween } from "../src/histogram-quantile.ts";

const before = { "0.001": 5, "0.01": 5, "0.1": 6, "+Inf": 6 };
const after = { "0.001": 55, "0.01": 95, "0.1": 105, "+Inf": 106 };

test("a quantile is that of the observations between two readings, spread evenly within their bucket", () => {
  expect(quantileBetween(before, after, 0.25)).toBeCloseTo(0.000_5);
  expect(quantileBetween(before, after, 0.5)).toBeCloseTo(0.001);
  expect(quantileBetween(before, after, 0.7)).toBeCloseTo(0.005_5);
  expect(quantileBetween({}, after, 95 / 106)).toBeCloseTo(0.01);
});

test("above the greatest bound there is only that bound, and without observations nothing", () => {
  expect(quantileBetween(before, after, 1)).toBe(0.1);
  expect(quantileBetween(after, after, 0.5)).toBeNaN();
  expect(quantileBetween({}, {}, 0.5)).toBeNaN();
});
