import { columns, type DurationsMs } from "@sallyport/bots";

import { addedUp } from "./added-up.ts";

export interface Size {
  /** Numbers of clients at the same time. */
  readonly clients: readonly number[];
  /** The number of clients that come to one cell. */
  readonly crowd: number;
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
  readonly generatorMs: number;
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

export interface BenchReport {
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
  readonly cases: readonly Case[];
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

export const failedIn = ({ cases }: Pick<BenchReport, "cases">): number =>
  sum(cases.map(({ ours, bare }) => ours.failed + bare.failed));

/** Returns the number with few digits and without an exponent; "–" if the number is not finite. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value >= 100) return value.toFixed(0);
  return value >= 10
    ? value.toFixed(1)
    : value >= 0.1 || value === 0
      ? value.toFixed(2)
      : value.toPrecision(2);
}
const range = ({ least, most }: Spread): string => `${short(least)}–${short(most)}`;

export function describeReport({ machine, size, cases }: BenchReport): string[] {
  const { processor, cores, node, loadBefore, loadAfter } = machine;
  const lines = [
    `${processor}, ${cores} cores, Node ${node}, load average ${short(loadBefore)} before and ${short(loadAfter)} after`,
    `medians of ${size.rounds} rounds; "ratio" is ours divided by the line above it, round by round`,
  ];
  for (const scenario of new Set(cases.map((each) => each.scenario))) {
    const those = cases.filter((each) => each.scenario === scenario);
    lines.push("", scenario, "", ...columns(rowsOf(those)));
  }
  const failures = cases.flatMap((each) =>
    (["ours", "bare"] as const).flatMap((side) =>
      Object.entries(each[side].failures).map(
        ([kind, count]) =>
          `  ${each.scenario}, ${each.name}, ${side === "bare" ? each.bound : side}: ${count} × ${kind}`,
      ),
    ),
  );
  return [...lines, "", ...(failures.length === 0 ? ["Nothing failed."] : ["Failed:", ...failures])];
}

function rowsOf(cases: readonly Case[]): string[][] {
  const processes = Object.keys(cases[0]?.ours.processorMs ?? {});
  const unit = cases[0]?.unit ?? "";
  return [
    [
      "",
      `${unit}/s`,
      "least–most",
      "p50 ms",
      "p99 ms",
      "failed",
      "cpu ms",
      ...processes,
      "generator",
      "bytes",
    ],
    ...cases.flatMap((each) => {
      const { ours, bare, bound, ratio } = each;
      const side = (name: string, of: Side): string[] => [
        `${each.name}, ${name}`,
        ...[short(of.perSecond.median), range(of.perSecond), short(of.p50Ms.median), short(of.p99Ms.median)],
        ...[String(of.failed), short(of.processorMsTotal.median)],
        ...processes.map((process) => short(of.processorMs[process] ?? Number.NaN)),
        ...[short(of.generatorMs), short(of.bytes)],
      ];
      const { perSecond, p50Ms, p99Ms, processorMsTotal } = ratio;
      return [
        side("ours", ours),
        side(bound, bare),
        [
          ...["  ratio", short(perSecond.median), range(perSecond)],
          ...[short(p50Ms.median), short(p99Ms.median), "", short(processorMsTotal.median)],
        ],
      ];
    }),
  ];
}

/**
 * Describes how the ratios changed since another run. Ratios differ less between machines than figures do.
 */
export function describeChange(
  before: Pick<BenchReport, "cases">,
  now: Pick<BenchReport, "cases">,
): string[] {
  const rows = now.cases.flatMap((each) => {
    const old = before.cases.find(({ scenario, name }) => scenario === each.scenario && name === each.name);
    if (old === undefined) return [];
    return [
      [
        `${each.scenario}, ${each.name}`,
        ...ratioNames.map((name) => {
          const [was, is] = [old.ratio[name].median, each.ratio[name].median];
          const percent = Math.round((is / was - 1) * 100);
          return `${short(was)} → ${short(is)} (${percent >= 0 ? "+" : ""}${percent} %)`;
        }),
      ],
    ];
  });
  if (rows.length === 0) return ["", "The other run has none of these cases."];
  return ["", ...columns([["ratio, before → now", "rate", "p50", "p99", "cpu"], ...rows])];
}
