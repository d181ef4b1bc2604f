import { expect, test } from "vitest";
import { parseCommandLine } from "../src/command-line.ts";
import { outsideFaults } from "../src/planted/outside-faults.ts";
import { replayCommand, shrink } from "../src/shrink.ts";
import { type SeedOptions, simulateSeed } from "../src/simulate-seed.ts";

/**
 * Seeds find this planted fault even without planned failures, so almost all planned failures can be left
 * out.
 */
const fault = outsideFaults.find(({ name }) => name === "a lock is written over any version");
const plant = fault?.stores;
if (plant === undefined) throw new Error("no such planted fault");
const simulate = (seed: number, options?: SeedOptions) => simulateSeed(seed, { ...options, plant });

async function someFailure() {
  for (let seed = 1; seed < 100; seed += 1) {
    const result = await simulate(seed);
    const { faults, clients } = result.plan;
    if (result.violation !== null && faults.length > 3 && clients.length > 3) return result;
  }
  throw new Error("nothing failed");
}

test("a failure is reported with only the faults that it needs, and the printed command replays it", async () => {
  const failure = await someFailure();
  const shrunk = await shrink(failure, simulate);
  const { plan, violation } = shrunk.result;
  expect(violation?.checker).toBe(failure.violation?.checker);
  expect(plan.faults.length + plan.clients.length).toBeLessThan(
    failure.plan.faults.length + failure.plan.clients.length,
  );

  const words = replayCommand(shrunk).split(" ");
  expect(words.slice(0, 4)).toEqual(["npm", "run", "simulate", "--"]);
  const parsed = parseCommandLine(words.slice(4));
  if (!parsed.ok) throw new Error(parsed.text);
  const names = new Set(parsed.value.without);
  const replayed = await simulate(parsed.value.seed ?? 0, { leftOut: { faults: names, clients: names } });
  expect(replayed).toEqual(shrunk.result);
});
