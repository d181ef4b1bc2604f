import type { Histogram } from "./histogram.ts";
import { type Door, doors, type ErrorCount, type Hop, hops, type Tally } from "./tally.ts";

export interface DurationsMs {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** The result of a run, as `--json` prints it. */
export interface BotsReport {
  readonly bots: number;
  readonly prepared: number;
  readonly seconds: number;
  readonly hops: Readonly<Record<Hop, number>>;
  readonly hopsTotal: number;
  readonly hopsPerSecond: number;
  /** Rounds, each from a login until the bot goes offline. */
  readonly rounds: number;
  /** Refusals after which a bot waited and went on. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, ErrorCount>>;
  readonly errorsTotal: number;
  /** Only successful calls count, without the waits that a server asked for. */
  readonly latencyMs: Readonly<Record<Door, DurationsMs>>;
  readonly ownLatenessMs: DurationsMs;
  /** At least one bot hopped, and no bot met an error. */
  readonly ok: boolean;
}

const round = (value: number): number => Math.round(value * 100) / 100;

export const durationsOf = (histogram: Histogram): DurationsMs => ({
  count: histogram.count,
  p50: round(histogram.quantileMs(0.5)),
  p95: round(histogram.quantileMs(0.95)),
  p99: round(histogram.quantileMs(0.99)),
  max: round(histogram.maxMs),
});

export function reportOf(
  tally: Tally,
  run: { readonly bots: number; readonly prepared: number; readonly playedMs: number },
): BotsReport {
  const seconds = run.playedMs / 1_000;
  const latency = doors.map((door) => [door, durationsOf(tally.latency[door])]);
  return {
    bots: run.bots,
    prepared: run.prepared,
    seconds: round(seconds),
    hops: { ...tally.hops },
    hopsTotal: tally.hopCount,
    hopsPerSecond: seconds === 0 ? 0 : round(tally.hopCount / seconds),
    rounds: tally.rounds,
    refusals: Object.fromEntries(tally.refusals),
    errors: Object.fromEntries(tally.errors),
    errorsTotal: tally.errorCount,
    latencyMs: Object.fromEntries(latency) as Record<Door, DurationsMs>,
    ownLatenessMs: durationsOf(tally.lateness),
    ok: tally.errorCount === 0 && tally.hopCount > 0,
  };
}

/** The report as lines for people. */
export function describeReport(report: BotsReport): string[] {
  const { bots, prepared, seconds } = report;
  const who = prepared === bots ? `${bots} bots` : `${prepared} of ${bots} bots`;
  return [
    "",
    `${who} played for ${seconds.toFixed(1)} s: ${report.hopsTotal} hops, ${report.hopsPerSecond} a second.`,
    "",
    ...columns([
      ["hop", "count"],
      ...hops.map((hop) => [hop, String(report.hops[hop])]),
      ["full rounds", String(report.rounds)],
    ]),
    "",
    ...columns([
      ["ms", "count", "p50", "p95", "p99", "max"],
      ...doors.map((door) => [door, ...durationCells(report.latencyMs[door])]),
      ["own lateness", ...durationCells(report.ownLatenessMs)],
    ]),
    "",
    ...describeRefusals(report),
    ...describeErrors(report),
  ];
}

function describeRefusals({ refusals }: BotsReport): string[] {
  const entries = Object.entries(refusals).sort(([, a], [, b]) => b - a);
  if (entries.length === 0) return ["No request was refused."];
  return columns([
    ["refused, then continued", "count"],
    ...entries.map(([kind, count]) => [kind, String(count)]),
  ]);
}

function describeErrors({ errors, hopsTotal }: BotsReport): string[] {
  const entries = Object.entries(errors).sort(([, a], [, b]) => b.count - a.count);
  const none = hopsTotal === 0 ? "No errors, but also no hops." : "No errors.";
  if (entries.length === 0) return [none];
  const firsts = entries.map(([kind, { first }]) => `  ${kind}, first: ${first}`);
  return [
    "",
    ...columns([["error", "count"], ...entries.map(([kind, { count }]) => [kind, String(count)])]),
    ...firsts,
  ];
}

export function durationCells({ count, p50, p95, p99, max }: DurationsMs): string[] {
  return [
    String(count),
    ...[p50, p95, p99, max].map((ms) => (count === 0 ? "–" : ms.toFixed(ms < 10 ? 2 : 1))),
  ];
}

/** Aligns the first column to the left and numbers to the right. */
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
