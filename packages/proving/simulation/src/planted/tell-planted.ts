import type { PlantedWish } from "../command-line.ts";
import type { Terminal } from "../simulate.ts";
import { isSeen, type PlantedResult, plantedNames, runPlanted } from "./planted-run.ts";

const progressMs = 10_000;

/**
 * Plants all chosen faults and prints the results. Returns the exit code: 1 if neither a seed nor a test
 * finds one of the faults.
 */
export async function tellPlanted(wish: PlantedWish, { print, nowMs }: Terminal): Promise<number> {
  const { text, seeds: seedsMax, isJson } = wish;
  const names = plantedNames(text);
  if (names.length === 0) {
    print(`no planted fault has "${text}" in its name`);
    return 2;
  }
  const underWay = new Map<string, number>();
  const results: PlantedResult[] = [];
  const startedMs = nowMs();
  let toldMs = startedMs;
  const say = isJson ? () => {} : print;
  say(`${names.length} planted faults, up to ${seedsMax} seeds each`);
  await runPlanted({
    names,
    from: 1,
    seedsMax,
    ran: (name, seeds) => {
      underWay.set(name, seeds);
      if (nowMs() - toldMs < progressMs) return;
      toldMs = nowMs();
      const now = [...underWay].map(([each, count]) => `${count} seeds of "${each}"`).join(", ");
      say(`  ${results.length} of ${names.length} in ${Math.round((toldMs - startedMs) / 1_000)} s; ${now}`);
    },
    ended: (result) => {
      underWay.delete(result.name);
      results.push(result);
      say(describe(result));
    },
  });
  results.sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
  if (isJson) print(JSON.stringify(results, null, 2));
  else for (const line of tableOf(results)) print(line);
  return results.every(isSeen) ? 0 : 1;
}

const describe = (result: PlantedResult): string => {
  const { name, what } = result;
  return `${name}: ${verdict(result)}${what === null ? "" : `: ${what.split("\n")[0]?.slice(0, 200)}`}`;
};

function verdict({ seenBy, seeds, test, isBrokenWithout }: PlantedResult): string {
  if (isBrokenWithout) return `${seenBy}, at a seed that breaks it without the fault, too`;
  if (seenBy !== null) return `${seenBy}, after ${seeds} seeds`;
  const simulated = seeds === 0 ? "not simulated" : `not seen in ${seeds} seeds`;
  if (test === null) return simulated;
  return `${simulated}${test.isFailing ? ";" : ", nor"} by ${test.file} › "${test.title}"`;
}

function tableOf(results: readonly PlantedResult[]): readonly string[] {
  const inSimulation = results.filter((each) => isSeen(each) && each.seenBy !== null);
  const byTests = results.filter((each) => isSeen(each) && each.seenBy === null);
  const width = Math.max(...results.map(({ name }) => name.length));
  return [
    "",
    ...results.map((each) => `${each.name.padEnd(width)}  ${verdict(each)}`),
    "",
    `${results.length} planted faults: ${inSimulation.length} seen in simulation, ${byTests.length} by another test, ` +
      `${results.length - inSimulation.length - byTests.length} by nothing`,
  ];
}
