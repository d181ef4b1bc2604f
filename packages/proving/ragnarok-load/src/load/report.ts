import {
  type DurationsMs,
  describeRun,
  durationsByName,
  perSecond,
  type RunReport,
  runReportOf,
} from "@sallyport/bots";
import { counted } from "@sallyport/command-line";
import { type LoadTally, type Span, type Step, spans, steps } from "./tally.ts";

export interface LoadProgress {
  readonly phase: "running" | "leaving";
  readonly elapsedMs: number;
  readonly running: number;
  readonly onMap: number;
  readonly rounds: number;
  readonly refusals: number;
  readonly errors: number;
}

/** The report repeats these options of the run. */
export interface LoadSize {
  readonly phase: string;
  readonly accounts: number;
  readonly concurrency: number;
}

export interface LoadReport extends RunReport, LoadSize {
  /** Rounds without an error. */
  readonly roundsWell: number;
  readonly roundsPerSecond: number;
  /** Hops from one map-server to another. */
  readonly hops: number;
  /** The durations of steps that got an answer. */
  readonly stepsMs: Readonly<Record<Step, DurationsMs>>;
  readonly spansMs: Readonly<Record<Span, DurationsMs>>;
  /** True if at least one round succeeded, and no client met an error. */
  readonly ok: boolean;
}

export const reportOf = (tally: LoadTally, size: LoadSize, elapsedMs: number): LoadReport => ({
  ...size,
  ...runReportOf(tally, elapsedMs),
  roundsWell: tally.roundsWell,
  roundsPerSecond: perSecond(tally.rounds, elapsedMs),
  hops: tally.hops,
  stepsMs: durationsByName<Step>(tally, steps),
  spansMs: durationsByName<Span>(tally, spans),
  ok: tally.errorCount === 0 && tally.roundsWell > 0,
});

/** Returns the report as lines of text, without steps that no client took. */
export function describeReport(report: LoadReport): string[] {
  const { rounds, roundsWell, seconds, roundsPerSecond, hops, stepsMs, spansMs } = report;
  const taken = Object.entries({ ...stepsMs, ...spansMs }).filter(([, { count }]) => count > 0);
  return [
    "",
    `${counted(rounds, "round")} in ${seconds.toFixed(1)} s, ${roundsPerSecond} a second, ${roundsWell} without an error.`,
    ...(hops === 0 ? [] : [`${counted(hops, "hop")} from one map-server to another.`]),
    "",
    ...describeRun(report, Object.fromEntries(taken)),
  ];
}

export function progressLine(progress: LoadProgress): string {
  const { phase, elapsedMs, running, onMap, rounds, refusals, errors } = progress;
  const seconds = Math.max(elapsedMs, 1) / 1_000;
  const rate = `${counted(rounds, "round")}, ${Math.round(rounds / seconds)}/s`;
  return `${phase}, ${Math.floor(seconds)} s: ${counted(running, "client")}, ${onMap} on the map, ${rate}, ${counted(refusals, "refusal")}, ${counted(errors, "error")}`;
}
