import { parentPort, workerData } from "node:worker_threads";
import { type SeedOptions, simulateSeed } from "../simulate-seed.ts";
import { outsideFaults } from "./outside-faults.ts";
import type { SeedNews, SeedWork } from "./seed-work.ts";

/* One thread that runs seeds on the servers that it is bundled with, until a rule is broken. */

const { from, count, outside } = workerData as SeedWork;
const fault = outsideFaults.find(({ name }) => name === outside);
const options: SeedOptions = fault?.stores === undefined ? {} : { plant: fault.stores };
fault?.cell?.();
const tell = (news: SeedNews): void => parentPort?.postMessage(news);

for (let seed = from; seed < from + count; seed += 1) {
  const { violation } = await simulateSeed(seed, options);
  tell({ seed, violation });
  if (violation !== null) break;
}
