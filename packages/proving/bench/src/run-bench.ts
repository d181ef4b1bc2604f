import { availableParallelism, cpus, loadavg } from "node:os";
import { each } from "@sallyport/bots";
import { Rig } from "@sallyport/rig";
import { Standing } from "./contenders/standing.ts";
import { Generators } from "./generator/generators.ts";
import { marksReached } from "./marks.ts";
import type { BenchReport, Measured, Size } from "./report.ts";
import { coldLogin } from "./scenarios/cold-login.ts";
import { crowdOf } from "./scenarios/crowd.ts";
import { decide } from "./scenarios/decide.ts";
import { gameOf } from "./scenarios/game.ts";
import { gateway } from "./scenarios/gateway.ts";
import { hopsOver, logins } from "./scenarios/hop.ts";
import { limits } from "./scenarios/limits.ts";
import { link } from "./scenarios/link.ts";
import { oneProcess } from "./scenarios/one-process.ts";
import { reclaim } from "./scenarios/reclaim.ts";
import { type Scenario, standingAccounts } from "./scenarios/scenario.ts";
import { holdOf, walkersOf } from "./scenarios/spread.ts";

type Scenarios = readonly Scenario[];
const always = (scenario: Scenario) => (): Scenarios => [scenario];

/** The parts of the bench, in the order in which they run. */
export const parts = {
  hop: always(hopsOver("ragnarok", "Ragnarok")),
  native: always(hopsOver("native", "native")),
  login: always(logins),
  cold: always(coldLogin),
  gateway: always(gateway),
  limits: always(limits),
  up: always(oneProcess),
  crowd: ({ crowds }: Size): Scenarios => crowds.map(crowdOf),
  walk: ({ walkers }: Size): Scenarios => [walkersOf(walkers)],
  hold: ({ held }: Size): Scenarios => held.map(holdOf),
  game: ({ gamePlayers, fishers }: Size): Scenarios => [gameOf(gamePlayers, fishers)],
  reclaim: always(reclaim),
  link: always(link),
  decide: always(decide),
} as const;
export type PartName = keyof typeof parts;

/**
 * The scenarios of a group run one after the other in one rig, and can share servers. All other scenarios
 * measure the memory of servers that have just started. So each of them has its own rig.
 */
const groups: readonly (readonly PartName[])[] = [
  ["hop", "native", "login", "cold", "gateway", "limits", "up"],
  ["reclaim", "link", "decide"],
];

export interface BenchOptions {
  readonly only: readonly PartName[];
  readonly size: Size;
  /** This many processes generate load. */
  readonly generators: number;
  /** If several groups of scenarios run at the same time, their figures mean nothing. */
  readonly groupsAtOnce: number;
  readonly tell: (line: string) => void;
  /** When this signal aborts, the bench stops everything that it started. It then rejects with the reason. */
  readonly signal: AbortSignal;
}

const stopMs = 20_000;

export async function runBench(options: BenchOptions): Promise<BenchReport> {
  const { only, size, groupsAtOnce } = options;
  const startedAt = new Date().toISOString();
  const [loadBefore = 0] = loadavg();
  const scenariosOf = (names: readonly PartName[]): Scenarios => names.flatMap((name) => parts[name](size));
  const alone = only.filter((name) => !groups.flat().includes(name));
  const [first = [], ...later] = groups.map((group) =>
    scenariosOf(only.filter((name) => group.includes(name))),
  );
  const inOrder = [first, ...scenariosOf(alone).map((scenario) => [scenario]), ...later];
  const wanted = inOrder.filter((group) => group.length > 0);
  const byGroup: (readonly Measured[])[] = [];
  await each([...wanted.entries()], groupsAtOnce, async ([nth, group]) => {
    byGroup[nth] = await runGroup(group, options);
  });
  const measured = byGroup.flat();
  const results = {
    cases: measured.flatMap(({ cases }) => cases),
    figures: measured.flatMap(({ figures }) => figures),
  };
  const [loadAfter = 0] = loadavg();
  const processor = cpus()[0]?.model.trim() ?? "unknown processor";
  const machine = { processor, cores: availableParallelism(), node: process.versions.node };
  return {
    ...{ startedAt, machine: { ...machine, loadBefore, loadAfter }, size },
    ...{ marks: marksReached(results), ...results },
  };
}

/** Runs scenarios that can share servers. */
function runGroup(
  scenarios: Scenarios,
  { size, generators: count, tell, signal }: BenchOptions,
): Promise<readonly Measured[]> {
  return Rig.open({ name: "bench", graceMs: stopMs }, async (rig) => {
    const run = async (): Promise<readonly Measured[]> => {
      const generators = await Generators.start(rig, count);
      const standing = new Standing({ rig, accounts: standingAccounts(size), tell });
      const measured: Measured[] = [];
      for (const measure of scenarios) {
        signal.throwIfAborted();
        measured.push(await measure({ size, rig, generators, standing, tell }));
      }
      return measured;
    };
    const measured = await Promise.race([run(), aborted(signal)]);
    await rig.stop();
    return measured;
  });
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
  });
