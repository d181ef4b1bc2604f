import { parentPort, workerData } from "node:worker_threads";
import { PassageWatch } from "./passage-watch.ts";
import type { SeedNews, SeedWork } from "./seed-work.ts";

/* Runs seeds on a bundle of the simulation in a thread of its own, until a rule breaks. */

const { bundle, seeds, outside, passages } = workerData as SeedWork;
// The watch must start before the bundle loads.
const watch = passages === null ? null : await PassageWatch.start(bundle, passages);
const { simulateSeed, outsideFaults } = (await import(bundle)) as typeof import("./simulated.ts");
await watch?.loaded();
const fault = outsideFaults.find(({ name }) => name === outside);
const options = fault?.stores === undefined ? {} : { plant: fault.stores };
fault?.cell?.();
const tell = (news: SeedNews): void => parentPort?.postMessage(news);

for (const seed of seeds) {
  const { violation } = await simulateSeed(seed, options);
  tell({ seed, violation, reached: (await watch?.reached()) ?? [] });
  if (violation !== null) break;
}
