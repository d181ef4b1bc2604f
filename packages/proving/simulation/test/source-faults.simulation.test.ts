import { expect, test } from "vitest";
import { isSeen, type PlantedResult, plantedNames, runPlanted } from "../src/planted/planted-run.ts";
import "./seeds.ts";

/** Seen soon. All of them, and with more seeds: `npm run simulate -- --planted`. */
const quick = [
  "a login does not wait until what the store lost is put back",
  "a login-server sweeps accounts only, and no server locks",
  "a save is acknowledged that the store did not answer",
  "saves of one owner all have the same number",
  "a life of a server ends while what it owns is being freed",
  "a sweeper makes one pass",
  "deadlines are not stored with the lock",
  "a lock is filed under the owner that it had",
];
const seedsMax = 100;

test("a mistake in a server's code breaks a rule that a checker has", async ({ task }) => {
  const names = quick.flatMap(plantedNames);
  const results: PlantedResult[] = [];
  await runPlanted({ names, from: 1, seedsMax, ran: () => {}, ended: (result) => results.push(result) });
  task.meta.plantedSeeds = results.reduce((sum, { seeds }) => sum + seeds, 0);
  expect(results.filter((result) => !isSeen(result))).toEqual([]);
  expect(results.map(({ name }) => name).sort()).toEqual([...quick].sort());
});
