export { Histogram } from "./histogram.ts";
export { isLoopback, onlyLoopback } from "./loopback.ts";
export { type ProgressPrinter, progressPrinter } from "./progress-printer.ts";
export { Random } from "./random.ts";
export {
  type BotsReport,
  columns,
  type DurationsMs,
  describeReport,
  durationCells,
  durationsOf,
} from "./report.ts";
export { type BotsOptions, type BotsProgress, runBots } from "./run-bots.ts";
export { Stop } from "./stop.ts";
export type { Door, ErrorCount, Hop } from "./tally.ts";
