import { expect, type TaskMeta } from "vitest";
import { runSeeds } from "../src/run-seeds.ts";
import { replayCommand, shrink } from "../src/shrink.ts";

declare module "vitest" {
  /** How many seeds the test ran, counted at the end of `npm test`. */
  interface TaskMeta {
    seeds?: number;
    /** The number of seeds with a planted fault. */
    plantedSeeds?: number;
  }
}

/** Runs seeds that are the same each time; `npm run simulate` uses others. */
export async function everythingHolds(from: number, count: number, meta: TaskMeta): Promise<void> {
  const { ran, failure, missing, rareMissing } = await runSeeds({ from, isEnough: (ran) => ran >= count });
  meta.seeds = ran;
  if (failure !== null) {
    const shrunk = await shrink(failure);
    const { violation, seed } = shrunk.result;
    expect.fail(`seed ${seed}: ${violation?.checker}: ${violation?.what}\n${replayCommand(shrunk)}`);
  }
  expect(missing).toEqual([]);
  // Two thousand seeds reach all of these marks, and three hundred seeds reach most.
  expect(rareMissing.length, rareMissing.join(", ")).toBeLessThanOrEqual(30);
}
