import { expect, test } from "vitest";
import { isSeen, type PlantedResult, plantedNames, runPlanted } from "../src/planted/planted-run.ts";
import "./seeds.ts";

/**
 * A few seeds are enough to find each of these planted faults. `npm run simulate -- --planted` runs all
 * planted faults, with more seeds.
 */
const quick = [
  "a login-server sweeps accounts only, and no server locks",
  "a save that the store did not answer is acknowledged",
  "saves of one owner all have the same number",
  "an incarnation of a server ends while its locks are still being freed",
  "a sweeper makes only one pass",
  "deadlines are not stored with the lock",
  "a lock is listed under its previous owner",
  "a change of a world state is repeated under a new write id",
];
const seedsMax = 20;

test("a mistake in a server's code breaks a rule that a checker has", async ({ task }) => {
  const names = quick.flatMap(plantedNames);
  const results: PlantedResult[] = [];
  await runPlanted({ names, from: 1, seedsMax, ran: () => {}, ended: (result) => results.push(result) });
  task.meta.plantedSeeds = results.reduce((sum, { seeds }) => sum + seeds, 0);
  expect(results.filter((result) => !isSeen(result))).toEqual([]);
  expect(results.map(({ name }) => name).sort()).toEqual([...quick].sort());
});
