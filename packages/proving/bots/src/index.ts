export { type BotsReport, describeReport } from "./bots-report.ts";
export { each } from "./each.ts";
export { GameWatch } from "./game-watch.ts";
export { Histogram } from "./histogram.ts";
export { KnownPasswords } from "./known-passwords.ts";
export { isLoopback, onlyLoopback } from "./loopback.ts";
export { type ProgressPrinter, progressPrinter } from "./progress-printer.ts";
export { record } from "./record.ts";
export {
  columns,
  type DurationsMs,
  describeRun,
  durationsByName,
  durationsOf,
  perSecond,
  type RunReport,
  runReportOf,
} from "./report.ts";
export { type BotsOptions, type BotsProgress, runBots } from "./run-bots.ts";
export { Stop } from "./stop.ts";
export { Fault, Tally } from "./tally.ts";
export { type Ask, enterMap, enterWorld, register } from "./way-in.ts";
