import { columns, type DurationsMs, durationCells, durationsOf, type ErrorCount } from "@sallyport/bots";
import type { LoadProgress } from "./run-load.ts";
import { type Span, type Step, spans, steps, type Tally } from "./tally.ts";

/** The result of a run, as `--json` writes it. */
export interface LoadReport {
  readonly phase: string;
  readonly accounts: number;
  readonly concurrency: number;
  readonly seconds: number;
  readonly rounds: number;
  /** Rounds without an error. */
  readonly roundsWell: number;
  readonly roundsPerSecond: number;
  /** Hops from one map-server to another. */
  readonly hops: number;
  /** Only steps that got an answer. */
  readonly stepsMs: Readonly<Record<Step, DurationsMs>>;
  readonly spansMs: Readonly<Record<Span, DurationsMs>>;
  readonly ownLatenessMs: DurationsMs;
  readonly refusals: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, ErrorCount>>;
  readonly errorsTotal: number;
  /** At least one round succeeded, and no client met an error. */
  readonly ok: boolean;
}

const round = (value: number): number => Math.round(value * 100) / 100;

export function reportOf(
  tally: Tally,
  run: {
    readonly phase: string;
    readonly accounts: number;
    readonly concurrency: number;
    readonly elapsedMs: number;
  },
): LoadReport {
  const { elapsedMs, ...rest } = run;
  const seconds = elapsedMs / 1_000;
  const all = <Key extends string>(keys: readonly Key[], of: Tally["steps"] | Tally["spans"]) =>
    Object.fromEntries(keys.map((key) => [key, durationsOf(of[key as keyof typeof of])])) as Record<
      Key,
      DurationsMs
    >;
  return {
    ...rest,
    seconds: round(seconds),
    rounds: tally.rounds,
    roundsWell: tally.roundsWell,
    roundsPerSecond: seconds === 0 ? 0 : round(tally.rounds / seconds),
    hops: tally.hops,
    stepsMs: all(steps, tally.steps),
    spansMs: all(spans, tally.spans),
    ownLatenessMs: durationsOf(tally.lateness),
    refusals: Object.fromEntries(tally.refusals),
    errors: Object.fromEntries(tally.errors),
    errorsTotal: tally.errorCount,
    ok: tally.errorCount === 0 && tally.roundsWell > 0,
  };
}

/** The report as lines for people, without steps that no client took. */
export function describeReport(report: LoadReport): string[] {
  const { rounds, roundsWell, seconds, roundsPerSecond, hops, stepsMs, spansMs, ownLatenessMs } = report;
  const taken = <Key extends string>(
    durations: Readonly<Record<Key, DurationsMs>>,
  ): [string, DurationsMs][] => Object.entries<DurationsMs>(durations).filter(([, { count }]) => count > 0);
  const rows = [...taken(stepsMs), ...taken(spansMs), ["own lateness", ownLatenessMs] as const];
  return [
    "",
    `${rounds} rounds in ${seconds.toFixed(1)} s, ${roundsPerSecond} a second, ${roundsWell} without an error.`,
    ...(hops === 0 ? [] : [`${hops} hops from one map-server to another.`]),
    "",
    ...columns([
      ["ms", "count", "p50", "p95", "p99", "max"],
      ...rows.map(([name, durations]) => [name, ...durationCells(durations)]),
    ]),
    "",
    ...describeRefusals(report),
    ...describeErrors(report),
  ];
}

function describeRefusals({ refusals }: LoadReport): string[] {
  const entries = Object.entries(refusals).sort(([, a], [, b]) => b - a);
  if (entries.length === 0) return [];
  const rows = entries.map(([kind, count]) => [kind, String(count)]);
  return [...columns([["refused, then continued", "count"], ...rows]), ""];
}

function describeErrors({ errors }: LoadReport): string[] {
  const entries = Object.entries(errors).sort(([, a], [, b]) => b.count - a.count);
  if (entries.length === 0) return ["No errors."];
  const rows = entries.map(([kind, { count }]) => [kind, String(count)]);
  const firsts = entries.map(([kind, { first }]) => `  ${kind}, first: ${first}`);
  return [...columns([["error", "count"], ...rows]), ...firsts];
}

/** The progress of a run in one line. */
export function progressLine(progress: LoadProgress): string {
  const { phase, elapsedMs, running, onMap, rounds, refusals, errors } = progress;
  const seconds = Math.max(elapsedMs, 1) / 1_000;
  const rate = `${rounds} rounds, ${Math.round(rounds / seconds)}/s`;
  return `${phase}, ${Math.floor(seconds)} s: ${running} clients, ${onMap} on the map, ${rate}, ${refusals} refusals, ${errors} errors`;
}
