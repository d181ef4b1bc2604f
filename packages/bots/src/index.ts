export { isLoopback, onlyLoopback } from "./loopback.ts";
export { type BotsReport, type DurationsMs, describeReport } from "./report.ts";
export { type BotsOptions, type BotsProgress, runBots } from "./run-bots.ts";
export type { Door, ErrorCount, Hop } from "./tally.ts";
