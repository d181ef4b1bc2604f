import { availableParallelism, cpus, loadavg } from "node:os";
import { durationsOf, Histogram } from "@sallyport/bots";
import { Rig } from "@sallyport/rig";
import { addedUp } from "./added-up.ts";
import type { Contender } from "./contenders/contender.ts";
import { Generators } from "./generator/generators.ts";
import { processorMs } from "./processor-time.ts";
import { type BenchReport, type Case, caseOf, type Round } from "./report.ts";
import { hop } from "./scenarios/hop.ts";
import type { Scenario } from "./scenarios/scenario.ts";

export interface BenchOptions {
  /** The numbers of clients at the same time. */
  readonly clients: readonly number[];
  readonly rounds: number;
  /** The seconds that are measured of each round. */
  readonly seconds: number;
  /** Processes that generate load. */
  readonly generators: number;
  readonly tell: (line: string) => void;
}

const scenarios: readonly Scenario[] = [hop];
const stopMs = 20_000;
const password = "correct horse";
/** Clients that let each account play once, before anything is measured. */
const warmingClients = 8;
/** The part of the measured time that a round runs before. */
const runUp = 0.2;

export async function runBench(options: BenchOptions): Promise<BenchReport> {
  const startedAt = new Date().toISOString();
  const [loadBefore = 0] = loadavg();
  const cases: Case[] = [];
  for (const scenario of scenarios) cases.push(...(await runScenario(scenario, options)));
  const [loadAfter = 0] = loadavg();
  const { rounds, seconds } = options;
  const processor = cpus()[0]?.model.trim() ?? "unknown processor";
  const machine = { processor, cores: availableParallelism(), node: process.versions.node };
  return { startedAt, machine: { ...machine, loadBefore, loadAfter }, rounds, seconds, cases };
}

function runScenario(scenario: Scenario, options: BenchOptions): Promise<readonly Case[]> {
  const { clients, rounds, tell } = options;
  return Rig.open({ name: "bench", graceMs: stopMs }, async (rig) => {
    const accounts = accountNames(scenario.accounts(Math.max(...clients)));
    const needs = { rig, accounts, password, tell };
    const contenders = { floor: await scenario.floor(needs), ours: await scenario.ours(needs) };
    const generators = await Generators.start(rig, options.generators);
    const stage: Stage = { generators, accounts, seconds: options.seconds };
    for (const [name, contender] of Object.entries(contenders)) {
      tell(`${accounts.length} accounts play once: ${name}`);
      await warm(stage, contender);
    }
    const cases: Case[] = [];
    for (const count of clients) {
      const taken: Record<keyof typeof contenders, Round[]> = { floor: [], ours: [] };
      const name = `${count} client${count === 1 ? "" : "s"}`;
      for (let nth = 1; nth <= rounds; nth += 1) {
        // Each of them begins every other round.
        for (const side of nth % 2 === 1 ? (["floor", "ours"] as const) : (["ours", "floor"] as const)) {
          const round = await runRound(stage, contenders[side], count);
          taken[side].push(round);
          tell(`${name}, round ${nth} of ${rounds}, ${side}: ${summary(round, scenario.unit)}`);
        }
      }
      cases.push(caseOf({ scenario: scenario.name, name, unit: scenario.unit }, taken));
    }
    tell("stopping");
    await rig.stop();
    return cases;
  });
}

const accountNames = (count: number): string[] =>
  Array.from({ length: count }, (_, nth) => `player${String(nth + 1).padStart(5, "0")}`);

interface Stage {
  readonly generators: Generators;
  readonly accounts: readonly string[];
  readonly seconds: number;
}

/** Code runs slower for the first time, and servers remember passwords that they have seen. */
async function warm({ generators, accounts }: Stage, { login }: Contender): Promise<void> {
  const clients = Math.min(warmingClients, accounts.length);
  generators.play({ login, accounts, password, clients, hopsMax: accounts.length });
  const { failures } = await generators.ask("wait");
  if (Object.keys(failures).length > 0) throw new Error(`the first hops failed: ${JSON.stringify(failures)}`);
}

async function runRound(
  { generators, accounts, seconds }: Stage,
  { login, pids }: Contender,
  clients: number,
): Promise<Round> {
  const look = async () => ({
    counted: await generators.ask("count"),
    atMs: performance.now(),
    processes: Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, processorMs(pid)])),
    generatorMs: generators.pids.reduce((sum, pid) => sum + processorMs(pid), 0),
  });
  generators.play({ login, accounts, password, clients, hopsMax: null });
  await pass(seconds * runUp);
  const before = await look();
  await pass(seconds);
  const after = await look();
  const rest = await generators.ask("stop");
  const { durationsMs, bytes } = after.counted;
  // A failure counts even if it is outside of the measured time.
  const failures = addedUp([before.counted, after.counted, rest].map((counted) => counted.failures));
  const histogram = new Histogram();
  for (const ms of durationsMs) histogram.add(ms);
  const count = durationsMs.length;
  const measured = (after.atMs - before.atMs) / 1_000;
  const processes = Object.entries(after.processes).map(
    ([name, ms]) => [name, (ms - (before.processes[name] ?? 0)) / count] as const,
  );
  return {
    ...{ seconds: measured, count, failures, perSecond: count / measured },
    durationsMs: durationsOf(histogram),
    processorMs: Object.fromEntries(processes),
    generatorMs: (after.generatorMs - before.generatorMs) / count,
    bytes: bytes / count,
  };
}

const pass = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1_000));

function summary({ perSecond, durationsMs, failures }: Round, unit: string): string {
  const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
  return `${perSecond.toFixed(1)} ${unit}/s, p50 ${durationsMs.p50.toFixed(1)} ms, ${failed} failed`;
}
