import { type BotTally, type Door, doors, type Hop, hops } from "./bot-tally.ts";
import {
  columns,
  type DurationsMs,
  describeRun,
  durationsByName,
  perSecond,
  type RunReport,
  runReportOf,
} from "./report.ts";

export interface BotsReport extends RunReport {
  readonly bots: number;
  readonly prepared: number;
  readonly hops: Readonly<Record<Hop, number>>;
  readonly hopsTotal: number;
  readonly hopsPerSecond: number;
  /** Durations of successful calls, without the waits that a server demanded. */
  readonly latencyMs: Readonly<Record<Door, DurationsMs>>;
  /** True if at least one bot hopped, and no bot met an error. */
  readonly ok: boolean;
}

export const reportOf = (
  tally: BotTally,
  {
    bots,
    prepared,
    playedMs,
  }: { readonly bots: number; readonly prepared: number; readonly playedMs: number },
): BotsReport => ({
  bots,
  prepared,
  ...runReportOf(tally, playedMs),
  hops: { ...tally.hops },
  hopsTotal: tally.hopCount,
  hopsPerSecond: perSecond(tally.hopCount, playedMs),
  latencyMs: durationsByName(tally, doors),
  ok: tally.errorCount === 0 && tally.hopCount > 0,
});

export function describeReport(report: BotsReport): string[] {
  const { bots, prepared, seconds, hopsTotal, hopsPerSecond } = report;
  const who = prepared === bots ? `${bots} bots` : `${prepared} of ${bots} bots`;
  return [
    "",
    `${who} played for ${seconds.toFixed(1)} s: ${hopsTotal} hops, ${hopsPerSecond} a second.`,
    "",
    ...columns([
      ["hop", "count"],
      ...hops.map((hop) => [hop, String(report.hops[hop])]),
      ["full rounds", String(report.rounds)],
    ]),
    "",
    ...describeRun(report, report.latencyMs, hopsTotal === 0 ? "No errors, but also no hops." : "No errors."),
  ];
}
