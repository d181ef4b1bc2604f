import type { CommandLine } from "./command-line.ts";
import { exemptMarks } from "./exempt.ts";
import { runSeeds } from "./run-seeds.ts";
import { replayCommand, shrink } from "./shrink.ts";
import { type SeedResult, simulateSeed } from "./simulate-seed.ts";

export interface Terminal {
  print(line: string): void;
  /** The wall clock, in milliseconds. Only the progress display uses it. */
  nowMs(): number;
  anySeed(): number;
}

const progressMs = 5_000;
/** Runs of at least this many seeds must reach every common mark. */
const markedSeeds = 1_000;
/** Runs of at least this many seeds must reach the rare marks too. */
const rareSeeds = 5_000;
const historyLines = 40;

/**
 * Runs the seeds and prints the results. Returns the exit code: 1 if a rule broke, or if a long run missed a
 * mark.
 */
export async function simulate(wish: CommandLine, terminal: Terminal): Promise<number> {
  if (wish.seeds === 1 && wish.seed !== null) return replay(wish.seed, wish, terminal);
  const { print, nowMs } = terminal;
  const from = wish.seed ?? terminal.anySeed();
  const startedMs = nowMs();
  let toldMs = startedMs;
  print(`from seed ${from}`);
  const { ran, failure, ...marks } = await runSeeds({
    from,
    isEnough: (soFar) => soFar >= wish.seeds || nowMs() - startedMs >= wish.forMs,
    progress: (soFar) => {
      if (nowMs() - toldMs < progressMs) return;
      toldMs = nowMs();
      print(`${soFar} seeds in ${Math.round((toldMs - startedMs) / 1_000)} s`);
    },
  });
  if (failure !== null) {
    await tellFailure(failure, print);
    return 1;
  }
  print(`${ran} seeds in ${((nowMs() - startedMs) / 1_000).toFixed(1)} s: everything held`);
  if (ran < markedSeeds) return 0;
  const missing = [...marks.missing, ...(ran < rareSeeds ? [] : marks.rareMissing)];
  for (const mark of missing) print(`never happened: ${mark}`);
  if (ran < rareSeeds) for (const mark of marks.rareMissing) print(`rare, and never happened: ${mark}`);
  print(`${missing.length} marks missing; ${exemptMarks.length} kinds of marks are exempt`);
  return missing.length === 0 ? 0 : 1;
}

async function replay(
  seed: number,
  { isLogged, without }: CommandLine,
  { print }: Terminal,
): Promise<number> {
  const names = new Set(without);
  const leftOut = { clients: names, faults: names };
  const result = await simulateSeed(seed, isLogged ? { leftOut, line: print } : { leftOut });
  if (result.violation === null) {
    print(`seed ${seed}: everything held, for ${Math.round(result.virtualMs)} ms`);
    return 0;
  }
  if (!isLogged && without.length === 0) await tellFailure(result, print);
  else print(describeViolation(result));
  return 1;
}

async function tellFailure(failure: SeedResult, print: (line: string) => void): Promise<void> {
  print(describeViolation(failure));
  print("leaving out what it does not need …");
  const shrunk = await shrink(failure);
  const history: string[] = [];
  await simulateSeed(failure.seed, { leftOut: shrunk.leftOut, line: (line) => history.push(line) });
  const { plan } = shrunk.result;
  for (const fault of plan.faults) print(`fault: ${JSON.stringify(fault)}`);
  for (const act of plan.acts) print(`act: ${JSON.stringify(act)}`);
  print(`clients: ${plan.clients.map(({ name, account }) => `${name} of account ${account}`).join(", ")}`);
  const end = history.findIndex((line) => line.includes("VIOLATION")) + 1;
  for (const line of history.slice(Math.max(0, end - historyLines), end)) print(`  ${line}`);
  print(describeViolation(shrunk.result));
  print(`replay it with: ${replayCommand(shrunk)}`);
}

const describeViolation = ({ seed, violation }: SeedResult): string =>
  violation === null
    ? `seed ${seed}: everything held`
    : `seed ${seed}, at ${Math.round(violation.atMs)} ms, ${violation.checker}: ${violation.what}`;
