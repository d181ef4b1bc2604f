import type { DurationsMs } from "@sallyport/bots";
import { addedUp } from "./added-up.ts";

export interface Size {
  /** Numbers of clients at the same time. */
  readonly clients: readonly number[];
  /** The number of clients at the same time in parts that have only one such number. */
  readonly atOnce: number;
  /** Numbers of players that come to one cell. */
  readonly crowds: readonly number[];
  /** Numbers of players that stand out of sight of each other. */
  readonly held: readonly number[];
  /** The number of players that walk, out of sight of each other. */
  readonly walkers: number;
  /** The number of locks that a restarted server reclaims. */
  readonly locks: number;
  readonly rounds: number;
  /** The measured seconds of each round, unless a round ends by itself. */
  readonly seconds: number;
}

/** One contender, measured for some seconds. */
export interface Round {
  readonly seconds: number;
  /** The number of operations that succeeded. */
  readonly count: number;
  /** Numbers of failed operations, by kind. */
  readonly failures: Readonly<Record<string, number>>;
  readonly perSecond: number;
  readonly durationsMs: DurationsMs;
  /** Processor milliseconds for each operation, by the name of the process. */
  readonly processorMs: Readonly<Record<string, number>>;
  /** Processor milliseconds of all generators together, for each operation. */
  readonly generatorMs: number;
  /** The part of the time for which the busiest generator used a core: at 1 it is the bottleneck. */
  readonly generatorBusy: number;
  /** Bytes that servers sent to clients, for each operation. */
  readonly bytes: number;
}

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export interface Side {
  readonly rounds: readonly Round[];
  readonly perSecond: Spread;
  readonly p50Ms: Spread;
  readonly p99Ms: Spread;
  /** Failed operations of all rounds together. */
  readonly failed: number;
  readonly failures: Readonly<Record<string, number>>;
  /** Medians of the rounds, by the name of the process. */
  readonly processorMs: Readonly<Record<string, number>>;
  readonly processorMsTotal: Spread;
  readonly generatorMs: number;
  readonly generatorBusy: number;
  readonly bytes: number;
}

export const ratioNames = ["perSecond", "p50Ms", "p99Ms", "processorMsTotal"] as const;

export interface CaseNames {
  readonly scenario: string;
  readonly name: string;
  /** The unit of the count, such as "logins". */
  readonly unit: string;
  /** The name of the minimal program that our servers are compared with, such as `floor`. */
  readonly bound: string;
}

/** One size of a scenario: our servers and the bound, measured in turns. */
export interface Case extends CaseNames {
  readonly ours: Side;
  readonly bare: Side;
  /** Our figures divided by those of the bound: the medians over pairs of neighbouring rounds. */
  readonly ratio: Readonly<Record<(typeof ratioNames)[number], Spread>>;
}

/** What each process uses, measured without a bound. */
export interface Figure {
  readonly scenario: string;
  readonly name: string;
  readonly unit: string;
  /** Medians of the rounds, by the name of the process. */
  readonly processes: Readonly<Record<string, number>>;
  /** All servers together, without the stores. */
  readonly servers: Spread;
}

export interface Measured {
  readonly cases: readonly Case[];
  readonly figures: readonly Figure[];
}

export interface BenchReport extends Measured {
  readonly startedAt: string;
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly node: string;
    /** The load average over a minute, before the bench and after it. */
    readonly loadBefore: number;
    readonly loadAfter: number;
  };
  readonly size: Size;
  /** The marks of the project, with what this run reached. */
  readonly marks: readonly ReachedMark[];
}

export interface ReachedMark {
  readonly name: string;
  /** Null: this run did not measure it. */
  readonly reached: number | null;
  readonly must: number;
  /** Null: there is only one mark. */
  readonly aim: number | null;
  /** Whether the mark is the least or the most that is good. */
  readonly bound: "least" | "most";
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  const median = sorted.length % 2 === 0 ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper;
  return { median, least: sorted[0] ?? Number.NaN, most: sorted.at(-1) ?? Number.NaN };
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

const figuresOf = (round: Round): Readonly<Record<(typeof ratioNames)[number], number>> => ({
  perSecond: round.perSecond,
  p50Ms: round.durationsMs.p50,
  p99Ms: round.durationsMs.p99,
  processorMsTotal: sum(Object.values(round.processorMs)),
});

function sideOf(rounds: readonly Round[]): Side {
  const spread = (name: (typeof ratioNames)[number]): Spread =>
    spreadOf(rounds.map((round) => figuresOf(round)[name]));
  const median = (of: (round: Round) => number): number => spreadOf(rounds.map(of)).median;
  const failures = addedUp(rounds.map((round) => round.failures));
  const processes = Object.keys(rounds[0]?.processorMs ?? {});
  return {
    rounds,
    ...{ perSecond: spread("perSecond"), p50Ms: spread("p50Ms"), p99Ms: spread("p99Ms") },
    failed: sum(Object.values(failures)),
    failures,
    processorMs: Object.fromEntries(
      processes.map((name) => [name, median(({ processorMs }) => processorMs[name] ?? 0)]),
    ),
    processorMsTotal: spread("processorMsTotal"),
    generatorMs: median(({ generatorMs }) => generatorMs),
    generatorBusy: median(({ generatorBusy }) => generatorBusy),
    bytes: median(({ bytes }) => bytes),
  };
}

export function caseOf(
  names: CaseNames,
  { ours, bare }: { readonly ours: readonly Round[]; readonly bare: readonly Round[] },
): Case {
  const ratios = ratioNames.map((name) => {
    const pairs = ours.flatMap((our, nth) => {
      const its = bare[nth];
      return its === undefined ? [] : [figuresOf(our)[name] / figuresOf(its)[name]];
    });
    return [name, spreadOf(pairs)] as const;
  });
  return {
    ...names,
    ...{ ours: sideOf(ours), bare: sideOf(bare) },
    ratio: Object.fromEntries(ratios) as Case["ratio"],
  };
}

const stores = ["redis", "postgres"];

export function figureOf(
  names: Pick<Figure, "scenario" | "name" | "unit">,
  rounds: readonly Readonly<Record<string, number>>[],
): Figure {
  const processes = Object.keys(rounds[0] ?? {});
  const servers = processes.filter((process) => !stores.includes(process));
  return {
    ...names,
    processes: Object.fromEntries(
      processes.map((process) => [process, spreadOf(rounds.map((round) => round[process] ?? 0)).median]),
    ),
    servers: spreadOf(rounds.map((round) => sum(servers.map((server) => round[server] ?? 0)))),
  };
}

export const failedIn = ({ cases }: Pick<BenchReport, "cases">): number =>
  sum(cases.map(({ ours, bare }) => ours.failed + bare.failed));
