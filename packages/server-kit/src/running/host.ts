import type { Clock } from "@sallyport/clock";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";

/** Everything that a server needs from outside. */
export interface Host {
  /** A monotonic clock: changes of the time of day do not affect it. */
  readonly clock: Clock;
  /** Returns a number that is at least 0 and less than 1. Use it for pauses, not for secrets. */
  readonly random: () => number;
  /** Returns random bytes that are good enough for secrets. */
  readonly randomBytes: (count: number) => Uint8Array;
  /** The time of day, in milliseconds since 1970. Deadlines of locks do not use it: they use the clock of the store. */
  readonly wallMs: () => number;
  readonly log: Log;
  readonly metrics: Metrics;
  /** A caller that finds a bug passes the error here. The process should log the error and exit. */
  readonly failed: (error: unknown) => void;
}
