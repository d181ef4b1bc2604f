import { expect, type TaskMeta } from "vitest";
import { runSeeds } from "../src/run-seeds.ts";
import { replayCommand, shrink } from "../src/shrink.ts";

declare module "vitest" {
  /** How many seeds the test ran, counted at the end of `npm test`. */
  interface TaskMeta {
    seeds?: number;
    /** With a fault in a server or a store. */
    plantedSeeds?: number;
  }
}

/** Seeds that are the same at every run; `npm run simulate` takes others. */
export async function everythingHolds(from: number, count: number, meta: TaskMeta): Promise<void> {
  const { ran, failure, missing, rareMissing } = await runSeeds({ from, isEnough: (ran) => ran >= count });
  meta.seeds = ran;
  if (failure !== null) {
    const shrunk = await shrink(failure);
    const { violation, seed } = shrunk.result;
    expect.fail(`seed ${seed}: ${violation?.checker}: ${violation?.what}\n${replayCommand(shrunk)}`);
  }
  expect(missing).toEqual([]);
  // Of these two thousand seeds come to all, and half as many to most.
  expect(rareMissing.length, rareMissing.join(", ")).toBeLessThanOrEqual(12);
}
