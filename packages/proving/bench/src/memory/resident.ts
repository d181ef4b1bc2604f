import { delay, systemClock } from "@sallyport/clock";
import type { Pids } from "../contenders/contender.ts";
import { sumOfTree } from "../process-tree.ts";

const lookEveryMs = 250;
/** A collection leaves some garbage that only the next collection finds. */
const collections = 4;
/** The memory has settled if this many readings in a row differ by at most the part `settledWithin`. */
const looksMin = 4;
const settledWithin = 0.005;
const looksMax = 120;

/**
 * Resolves to the memory of each process with its children, in kilobytes. Memory that several processes share
 * is divided among them (PSS). The processes in `collecting` first collect their garbage. This function waits
 * until the memory has settled, but at most half a minute.
 */
export async function settledKb(pids: Pids, collecting: readonly string[]): Promise<Record<string, number>> {
  for (let nth = 0; nth < collections; nth += 1) {
    for (const name of collecting) process.kill(pids[name] ?? 0, "SIGUSR2");
    await delay(systemClock, lookEveryMs);
  }
  let looks: number[] = [];
  for (let nth = 0; nth < looksMax; nth += 1) {
    await delay(systemClock, lookEveryMs);
    looks = [...looks, Object.values(memoryKb(pids)).reduce((all, kb) => all + kb, 0)].slice(-looksMin);
    if (looks.length === looksMin && Math.max(...looks) <= Math.min(...looks) * (1 + settledWithin)) break;
  }
  return memoryKb(pids);
}

const memoryKb = (pids: Pids): Record<string, number> =>
  Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, pssKb(pid)]));

export const pssKb = (pid: number): number =>
  sumOfTree(pid, "smaps_rollup", (text) => Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0));
