import type { DurationsMs } from "@sallyport/bots";
import { addedUp } from "./added-up.ts";

export interface Size {
  /** The bench measures once with each of these numbers of clients. */
  readonly clients: readonly number[];
  /** Some parts of the bench measure only with this number of clients. */
  readonly atOnce: number;
  /** Each of these numbers of players comes to one cell. */
  readonly crowds: readonly number[];
  /** Each of these numbers of players stands out of sight of each other. */
  readonly held: readonly number[];
  /** This many players walk, out of sight of each other. */
  readonly walkers: number;
  /** This many players walk on the map of each game, in sight of their neighbours. */
  readonly gamePlayers: number;
  /** This many actors that are no players walk among them. */
  readonly fishers: number;
  /** A restarted server reclaims this many locks. */
  readonly locks: number;
  readonly rounds: number;
  /** A round takes this many seconds, unless it ends by itself. */
  readonly seconds: number;
  /** New servers serve this many hops before they are measured. */
  readonly warmUp: number;
}

/** The result of one measurement of one contender. */
export interface Round {
  readonly seconds: number;
  /** The number of operations that succeeded. */
  readonly count: number;
  /** The number of failed operations of each kind. */
  readonly failures: Readonly<Record<string, number>>;
  readonly perSecond: number;
  readonly durationsMs: DurationsMs;
  /** Processor milliseconds for each operation. The keys are the names of processes. */
  readonly processorMs: Readonly<Record<string, number>>;
  /** Processor milliseconds for each operation, added up over all generators. */
  readonly generatorMs: number;
  /**
   * The busiest generator used a core for this part of the time. The generator is the bottleneck if this is
   * 1.
   */
  readonly generatorBusy: number;
  /** Bytes from servers to clients, for each operation. */
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
  /** The number of failed operations in all rounds. */
  readonly failed: number;
  readonly failures: Readonly<Record<string, number>>;
  /** Medians over the rounds. The keys are the names of processes. */
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
  /** The name of the minimal program with which our servers are compared. An example is `floor`. */
  readonly bound: string;
}

/** A case compares our servers with the bound at one size of a scenario. */
export interface Case extends CaseNames {
  readonly ours: Side;
  readonly bare: Side;
  /**
   * Our figures divided by the figures of the bound. Each ratio is the median over pairs of neighbouring
   * rounds.
   */
  readonly ratio: Readonly<Record<(typeof ratioNames)[number], Spread>>;
}

/** A figure is a measurement without a bound. It shows how much each process uses. */
export interface Figure {
  readonly scenario: string;
  readonly name: string;
  readonly unit: string;
  /** Medians over the rounds. The keys are the names of processes. */
  readonly processes: Readonly<Record<string, number>>;
  /** The sum over all servers, without the stores. */
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
    /** The load averages of the last minute, before and after the bench. */
    readonly loadBefore: number;
    readonly loadAfter: number;
  };
  readonly size: Size;
  readonly marks: readonly ReachedMark[];
}

export interface ReachedMark {
  readonly name: string;
  /** Null if this run did not measure the mark. */
  readonly reached: number | null;
  readonly must: number;
  /** The aim is stricter than `must`. Null if the project has no such aim. */
  readonly aim: number | null;
  /** With `least`, a result below the mark is bad. With `most`, a result above the mark is bad. */
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
