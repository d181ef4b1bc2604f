import type { Histogram } from "./histogram.ts";
import { record } from "./record.ts";
import type { ErrorCount, Tally } from "./tally.ts";

export interface DurationsMs {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** The result of a run with players of any kind, as `--json` prints it. */
export interface RunReport {
  readonly seconds: number;
  readonly rounds: number;
  /** Number of refusals by kind. After a refusal, the player waited and continued. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, ErrorCount>>;
  readonly errorsTotal: number;
  readonly ownLatenessMs: DurationsMs;
}

const round = (value: number): number => Math.round(value * 100) / 100;

export const durationsOf = (histogram: Histogram): DurationsMs => ({
  count: histogram.count,
  p50: round(histogram.quantileMs(0.5)),
  p95: round(histogram.quantileMs(0.95)),
  p99: round(histogram.quantileMs(0.99)),
  max: round(histogram.maxMs),
});

export const runReportOf = (tally: Tally<string>, playedMs: number): RunReport => ({
  seconds: round(playedMs / 1_000),
  rounds: tally.rounds,
  refusals: Object.fromEntries(tally.refusals),
  errors: Object.fromEntries(tally.errors),
  errorsTotal: tally.errorCount,
  ownLatenessMs: durationsOf(tally.lateness),
});

export const durationsByName = <Timed extends string>(
  { durations }: Tally<Timed>,
  names: readonly Timed[],
): Record<Timed, DurationsMs> => record(names, (name) => durationsOf(durations[name]));

export const perSecond = (count: number, ms: number): number => (ms === 0 ? 0 : round((count * 1_000) / ms));

/** Returns the lines of text that are the same for bots and for Ragnarok clients. */
export function describeRun(
  { ownLatenessMs, refusals, errors }: RunReport,
  durations: Readonly<Record<string, DurationsMs>>,
  noErrors = "No errors.",
): string[] {
  const refused = Object.entries(refusals).sort(([, a], [, b]) => b - a);
  const failed = Object.entries(errors).sort(([, a], [, b]) => b.count - a.count);
  return [
    ...columns([
      ["ms", "count", "p50", "p95", "p99", "max"],
      ...Object.entries({ ...durations, "own lateness": ownLatenessMs }).map(durationRow),
    ]),
    "",
    ...(refused.length === 0
      ? ["No client continued after a refusal."]
      : columns([
          ["refused, then continued", "count"],
          ...refused.map(([kind, count]) => [kind, String(count)]),
        ])),
    "",
    ...(failed.length === 0
      ? [noErrors]
      : columns([["error", "count"], ...failed.map(([kind, { count }]) => [kind, String(count)])])),
    ...failed.map(([kind, { first }]) => `  ${kind}, first: ${first}`),
  ];
}

const durationRow = ([name, { count, p50, p95, p99, max }]: readonly [string, DurationsMs]): string[] => [
  name,
  String(count),
  ...[p50, p95, p99, max].map((ms) => (count === 0 ? "–" : ms.toFixed(ms < 10 ? 2 : 1))),
];

/** Aligns the first column to the left and the other columns to the right. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => (row[index] ?? "").length)));
  return rows.map((row) =>
    row
      .map((cell, index) =>
        index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}
