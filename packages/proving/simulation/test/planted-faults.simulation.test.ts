import { afterEach, describe, expect, test } from "vitest";
import { outsideFaults } from "../src/planted/outside-faults.ts";
import { simulateSeed } from "../src/simulate-seed.ts";
import "./seeds.ts";

/**
 * This many seeds are enough for each of these planted faults. A fault that needs more seeds would be found
 * only by luck.
 */
const seedsMax = 200;

let takeOut = (): void => {};
afterEach(() => takeOut());

describe("a planted fault is seen", () => {
  test.for(outsideFaults)("$name: by $seenBy", async ({ seenBy, stores, cell }, { task }) => {
    takeOut = cell?.() ?? (() => {});
    for (let seed = 1; seed <= seedsMax; seed += 1) {
      const { violation } = await simulateSeed(seed, stores === undefined ? {} : { plant: stores });
      task.meta.plantedSeeds = seed;
      if (violation === null) continue;
      expect(violation.checker, `seed ${seed}: ${violation.what}`).toBeOneOf([seenBy].flat());
      return;
    }
    expect.fail(`nobody saw it in ${seedsMax} seeds`);
  });
});
