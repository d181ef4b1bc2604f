import { availableParallelism, cpus, loadavg } from "node:os";
import { Rig } from "@sallyport/rig";
import { Generators } from "./generator/generators.ts";
import type { BenchReport, Case, Size } from "./report.ts";
import { coldLogin } from "./scenarios/cold-login.ts";
import { crowd } from "./scenarios/crowd.ts";
import { decide } from "./scenarios/decide.ts";
import { hop } from "./scenarios/hop.ts";

import { link } from "./scenarios/link.ts";
import type { Scenario } from "./scenarios/scenario.ts";

/** The scenarios, in the order in which they run. */
export const scenarios = { hop, cold: coldLogin, crowd, link, decide } as const;
export type ScenarioName = keyof typeof scenarios;

export interface BenchOptions {
  readonly only: readonly ScenarioName[];
  readonly size: Size;
  /** The number of processes that generate load. */
  readonly generators: number;
  readonly tell: (line: string) => void;
}

const stopMs = 20_000;

export async function runBench({ only, size, generators, tell }: BenchOptions): Promise<BenchReport> {
  const startedAt = new Date().toISOString();
  const [loadBefore = 0] = loadavg();
  const cases: Case[] = [];
  for (const name of only) cases.push(...(await runScenario(scenarios[name], { size, generators, tell })));
  const [loadAfter = 0] = loadavg();
  const processor = cpus()[0]?.model.trim() ?? "unknown processor";
  const machine = { processor, cores: availableParallelism(), node: process.versions.node };
  return { startedAt, machine: { ...machine, loadBefore, loadAfter }, size, cases };
}

function runScenario(
  { name, measure }: Scenario,
  { size, generators: count, tell }: Omit<BenchOptions, "only">,
): Promise<readonly Case[]> {
  tell(name);
  return Rig.open({ name: "bench", graceMs: stopMs }, async (rig) => {
    const generators = await Generators.start(rig, count);
    const cases = await measure({ size, rig, generators, tell });
    await rig.stop();
    return cases;
  });
}
