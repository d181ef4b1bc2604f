import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Random } from "@sallyport/random";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drawPlan } from "../src/plan.ts";
import { bundleSimulation, bundleWorker } from "../src/planted/bundle-simulation.ts";
import { Reach } from "../src/planted/reach.ts";
import type { SourceFault } from "../src/planted/source-fault.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-reach-"));
});
afterAll(() => rm(folder, { recursive: true }));

const passage = (file: string, find: string): SourceFault => ({ name: find, file, find, put: "", note: "" });
const drains = passage("packages/map-server/src/drain.ts", "population.close();");
const sweeps = passage("packages/server-kit/src/running/sweeper.ts", "await sweepDue({");
const loaded = passage("packages/lock-core/src/owners/link-hold.ts", "const part = 0.98;");
/** This passage runs only after a player could not be saved for minutes. No seed of this test gets there. */
const never = passage(
  "packages/lock-core/src/owners/character-owner-table.ts",
  'return leaveMap(state, { to: "offline", reason: "save-failed" }, null);',
);

test("the simulation knows which seeds reach a passage of a server", async () => {
  const write = async (name: string, code: string): Promise<string> => {
    await writeFile(join(folder, name), code);
    return join(folder, name);
  };
  const bundled = await bundleSimulation(null);
  const reach = new Reach({
    script: await write("worker.mjs", (await bundleWorker()).code),
    sound: pathToFileURL(await write("sound.mjs", bundled.code)).href,
    bundled,
    faults: [drains, sweeps, loaded, never],
  });
  const seeds = Array.from({ length: 16 }, (_, nth) => nth + 1);
  expect(await reach.seedsOf(sweeps, seeds)).toEqual(seeds);
  expect(await reach.seedsOf(loaded, seeds)).toEqual(seeds);
  expect(await reach.seedsOf(never, seeds)).toEqual([]);

  const draining = seeds.filter((seed) =>
    drawPlan(new Random(`seed ${seed}`).fork("plan")).faults.some(
      (fault) => fault.kind === "stop" && fault.drainMs !== null,
    ),
  );
  const reached = await reach.seedsOf(drains, seeds);
  expect(reached.length).toBeGreaterThan(0);
  expect(draining).toEqual(expect.arrayContaining([...reached]));
  expect(reached.length).toBeLessThan(seeds.length);
});
