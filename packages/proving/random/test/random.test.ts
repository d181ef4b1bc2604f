import { expect, test } from "vitest";
import { Random } from "../src/index.ts";

const draws = (random: Random): number[] => Array.from({ length: 200 }, () => random.whole(-3, 3));

test("the same name gives the same draws, within their bounds, and another name others", () => {
  expect(draws(new Random("seed 7"))).toEqual(draws(new Random("seed 7")));
  expect(draws(new Random("seed 7"))).not.toEqual(draws(new Random("seed 8")));
  expect(new Set(draws(new Random("seed 7")))).toEqual(new Set([-3, -2, -1, 0, 1, 2, 3]));
});

test("a fork does not depend on earlier draws or on other forks", () => {
  const random = new Random("seed 7");
  const first = draws(random.fork("clients"));
  random.next();
  random.fork("faults").next();
  expect(draws(random.fork("clients"))).toEqual(first);
  expect(draws(random.fork("faults"))).not.toEqual(first);
});

test("a weighted pick never returns an entry without weight, and an empty list has no pick", () => {
  const random = new Random("seed 7");
  for (let nth = 0; nth < 200; nth += 1) expect(random.weighted({ often: 3, never: 0 })).toBe("often");
  expect(() => random.pick([])).toThrow("nothing to pick from");
});
