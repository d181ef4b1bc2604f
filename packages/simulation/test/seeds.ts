import { expect } from "vitest";
import { runSeeds } from "../src/run-seeds.ts";
import { replayCommand, shrink } from "../src/shrink.ts";

/** Seeds that are the same at every run; `npm run simulate` takes others. */
export async function everythingHolds(from: number, count: number): Promise<void> {
  const { failure, missing, rareMissing } = await runSeeds({ from, isEnough: (ran) => ran >= count });
  if (failure !== null) {
    const shrunk = await shrink(failure);
    const { violation, seed } = shrunk.result;
    expect.fail(`seed ${seed}: ${violation?.checker}: ${violation?.what}\n${replayCommand(shrunk)}`);
  }
  expect(missing).toEqual([]);
  // Of these two thousand seeds come to all, and half as many to most.
  expect(rareMissing.length, rareMissing.join(", ")).toBeLessThanOrEqual(12);
}
