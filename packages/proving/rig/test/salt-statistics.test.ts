import { Random } from "@sallyport/random";
import { expect, test } from "vitest";
import { auc, aucByChance, median, shuffle } from "../src/salt-timing/statistics.ts";

test("the median is the middle value, or the mean of the two middle ones", () => {
  expect(median([5, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

test("the AUC is 1 if all are larger, 0 if none is, and a half if they are equal", () => {
  expect(auc([3, 4], [1, 2])).toBe(1);
  expect(auc([1, 2], [3, 4])).toBe(0);
  expect(auc([1, 2, 2], [1, 2, 2])).toBe(0.5);
  expect(auc([2], [1, 2, 3, 4])).toBe(0.375);
});

test("different samples lie outside of the range of chance, and equal ones within", () => {
  const [low, high] = aucByChance([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4, 5, 6, 7, 8], new Random("seed 1"));
  expect(low).toBeGreaterThan(0);
  expect(low).toBeLessThan(0.5);
  expect(high).toBeGreaterThan(0.5);
  expect(high).toBeLessThan(1);
});

test("a shuffle keeps every value, and is the same for the same seed", () => {
  const values = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  const shuffled = shuffle(values, new Random("seed 7"));
  expect(shuffled).not.toEqual(values);
  expect(shuffled.toSorted((a, b) => a - b)).toEqual(values);
  expect(shuffle(values, new Random("seed 7"))).toEqual(shuffled);
});
