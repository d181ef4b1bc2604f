import { durationsOf, Histogram } from "@sallyport/bots";
import { delay, systemClock } from "@sallyport/clock";
import { addedUp } from "./added-up.ts";
import type { Pids } from "./contenders/contender.ts";
import { type Generators, total } from "./generator/generators.ts";
import type { Count, Load } from "./generator/orders.ts";
import { processorMs } from "./processor-time.ts";
import { type Case, type CaseNames, caseOf, type Round } from "./report.ts";
import type { Stage } from "./scenarios/scenario.ts";
import { short } from "./short.ts";

/** Clients play before the measurement for this fraction of the measured time. */
const runUp = 0.2;
const extensionsMax = 20;

interface Look {
  readonly atMs: number;
  readonly processes: Readonly<Record<string, number>>;
  readonly generatorsMs: readonly number[];
}

function look({ pids: generatorPids }: Generators, pids: Pids): Look {
  return {
    atMs: performance.now(),
    processes: Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, processorMs(pid)])),
    generatorsMs: generatorPids.map(processorMs),
  };
}

/** A client does `each` operations in one act. */
function roundOf(before: Look, after: Look, { durationsMs, failures, bytes }: Count, each = 1): Round {
  const histogram = new Histogram();
  for (const ms of durationsMs) histogram.add(ms);
  const { p50, p95, p99, max } = durationsOf(histogram);
  const count = durationsMs.length * each;
  const seconds = (after.atMs - before.atMs) / 1_000;
  const processes = Object.entries(after.processes).map(
    ([name, ms]) => [name, (ms - (before.processes[name] ?? 0)) / count] as const,
  );
  const usedMs = after.generatorsMs.map((ms, nth) => ms - (before.generatorsMs[nth] ?? 0));
  const generatorMs = usedMs.reduce((sum, ms) => sum + ms, 0) / count;
  const generatorBusy = Math.max(...usedMs) / (seconds * 1_000);
  return {
    ...{ seconds, count, failures, perSecond: count / seconds, bytes: bytes / count },
    ...{ generatorMs, generatorBusy },
    durationsMs: { count, p50: p50 / each, p95: p95 / each, p99: p99 / each, max: max / each },
    // Without servers, the generator does the work itself.
    processorMs: processes.length === 0 ? { process: generatorMs } : Object.fromEntries(processes),
  };
}

/** Measures some seconds in the middle of a load. A client does `each` operations in one act. */
export async function measureLoad(
  { generators, size }: Stage,
  pids: Pids,
  load: Omit<Load, "timesMax">,
  each = 1,
): Promise<Round> {
  generators.play({ ...load, timesMax: null });
  await passed(size.seconds * runUp);
  const earlier = await generators.ask("count");
  const before = look(generators, pids);
  let counted: Count = total([]);
  // A round without any operation says nothing. So it is extended.
  for (let times = 0; counted.durationsMs.length === 0 && times < extensionsMax; times += 1) {
    await passed(size.seconds);
    counted = total([counted, await generators.ask("count")]);
  }
  const after = look(generators, pids);
  const later = await generators.ask("stop");
  // Failures count even if they happen outside the measured time.
  const failures = addedUp([earlier, counted, later].map((each) => each.failures));
  return roundOf(before, after, { ...counted, failures }, each);
}

/** Measures work from its beginning to its end. */
export async function measureWhole(
  { generators }: Stage,
  pids: Pids,
  what: () => Promise<Count>,
): Promise<Round> {
  const before = look(generators, pids);
  const counted = await what();
  return roundOf(before, look(generators, pids), counted);
}

export const passed = (seconds: number): Promise<void> => delay(systemClock, seconds * 1_000);

/**
 * Lets each account play at least once before the measurement, and all of them `times` times together. There
 * are two reasons. 1: servers remember the passwords after that. 2: Node optimises code only after it ran
 * some thousand times. A server that has run for an hour runs optimised code.
 */
export async function playFirst(
  { generators }: Stage,
  load: Omit<Load, "timesMax">,
  times = 0,
): Promise<void> {
  generators.play({ ...load, timesMax: Math.max(load.accounts.length, times) });
  const { failures } = await generators.ask("wait");
  if (Object.keys(failures).length > 0) throw new Error(`failed at once: ${JSON.stringify(failures)}`);
}

interface Sides<Result> {
  readonly ours: () => Promise<Result>;
  readonly bare: () => Promise<Result>;
}

/** Measures the two sides in turns. So other work on the machine affects both sides. */
export async function inTurns(stage: Stage, names: CaseNames, sides: Sides<Round>): Promise<Case> {
  const [only] = await allInTurns(stage, [names], {
    ours: async () => [await sides.ours()],
    bare: async () => [await sides.bare()],
  });
  return only as Case;
}

/** Does the same as `inTurns`, for rounds that measure several cases one after the other. */
export async function allInTurns(
  { size, tell }: Stage,
  cases: readonly CaseNames[],
  sides: Sides<readonly Round[]>,
): Promise<readonly Case[]> {
  const taken: Record<keyof typeof sides, (readonly Round[])[]> = { ours: [], bare: [] };
  for (let nth = 1; nth <= size.rounds; nth += 1) {
    // The side that begins changes with each round.
    for (const side of nth % 2 === 1 ? (["bare", "ours"] as const) : (["ours", "bare"] as const)) {
      const rounds = await sides[side]();
      taken[side].push(rounds);
      for (const [index, names] of cases.entries()) {
        const label = `${names.scenario}, ${names.name}, ${side === "bare" ? names.bound : side}`;
        tell(`${label}, round ${nth} of ${size.rounds}: ${summary(rounds[index], names.unit)}`);
      }
    }
  }
  const of = (side: keyof typeof sides, index: number): Round[] =>
    taken[side].flatMap((rounds) => rounds[index] ?? []);
  return cases.map((names, index) => caseOf(names, { ours: of("ours", index), bare: of("bare", index) }));
}

function summary(round: Round | undefined, unit: string): string {
  if (round === undefined) return "not measured";
  const failed = Object.values(round.failures).reduce((sum, count) => sum + count, 0);
  return `${short(round.perSecond)} ${unit}/s, p50 ${short(round.durationsMs.p50)} ms, ${failed} failed`;
}
