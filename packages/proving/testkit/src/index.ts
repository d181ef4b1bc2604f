export {
  arbitraryField,
  arbitraryMessage,
  arbitraryReply,
  largestField,
  largestMessage,
  largestReply,
} from "./arbitrary.ts";
export { findOrInstall } from "./binaries.ts";
export { TestAuthority, type TestCertificate } from "./certificates.ts";
export { childrenOf, isProcessGone } from "./child-processes.ts";
export { type BrowserPage, type RunningChromium, startChromium } from "./chromium.ts";
export { comeAndGo } from "./come-and-go.ts";
export { freePorts } from "./free-ports.ts";
export { ManualClock, settled } from "./manual-clock.ts";
export type { Metrics } from "./metrics-text.ts";
export { must } from "./must.ts";
export { newestNode } from "./newest-node.ts";
export { lockTable, OpenTransaction } from "./open-transaction.ts";
export { type PgBouncerOptions, type RunningPgBouncer, startPgBouncer } from "./pgbouncer.ts";
export {
  createDatabase,
  type PostgresOptions,
  query,
  type RunningPostgres,
  type StandbyPostgres,
  startPostgres,
  type TestDatabase,
} from "./postgres-server.ts";
export { type RunningSentinels, startRedisSentinels } from "./redis-sentinels.ts";
export { once, type RedisOptions, type RunningRedis, startRedis } from "./redis-server.ts";
export {
  builtCommand,
  type ProcessEnd,
  SallyportProcess,
  type SallyportProcessOptions,
} from "./sallyport-process.ts";
export { type RunningSmtp, type SentLetter, startSmtp } from "./smtp-server.ts";
export { stepCounterFile, stepScorerFile } from "./step-counter-file.ts";
export { type TestDatabaseOptions, testDatabase } from "./test-database.ts";
export { testHost } from "./test-host.ts";
export { type TestRedis, testRedis } from "./test-redis.ts";
export { type UntilOptions, until } from "./until.ts";
export { warpOf, writeYards, yard } from "./yards.ts";
