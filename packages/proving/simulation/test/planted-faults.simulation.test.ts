import { afterEach, describe, expect, test } from "vitest";
import { outsideFaults } from "../src/planted/outside-faults.ts";
import { simulateSeed } from "../src/simulate-seed.ts";
import "./seeds.ts";

/**
 * This many seeds from `firstSeed` on are enough for each of these planted faults. A change of the servers can move
 * the first seed. The test then takes longer; `npm run simulate -- --planted` tells the new one.
 */
const seedsMax = 200;

let takeOut = (): void => {};
afterEach(() => takeOut());

describe("a planted fault is seen", () => {
  test.for(outsideFaults)("$name: by $seenBy", async ({ seenBy, firstSeed = 1, stores, cell }, { task }) => {
    takeOut = cell?.() ?? (() => {});
    const options = stores === undefined ? {} : { plant: stores };
    for (let seed = firstSeed; seed < firstSeed + seedsMax; seed += 1) {
      const { violation } = await simulateSeed(seed, options);
      task.meta.plantedSeeds = seed - firstSeed + 1;
      if (violation === null) continue;
      expect(violation.checker, `seed ${seed}: ${violation.what}`).toBeOneOf([seenBy].flat());
      takeOut();
      expect((await simulateSeed(seed)).violation, `seed ${seed} without the fault`).toBeNull();
      return;
    }
    expect.fail(`nobody saw it in ${seedsMax} seeds from ${firstSeed} on`);
  });
});
