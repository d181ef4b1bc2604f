import type { Clock } from "@sallyport/clock";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";

/** What every server needs from outside. */
export interface Host {
  /** A monotonic clock. Changes of the time of day do not affect it. */
  readonly clock: Clock;
  /** Returns a number that is at least 0 and less than 1. Used for pauses, not for secrets. */
  readonly random: () => number;
  /** Returns random bytes that are good enough for secrets. */
  readonly randomBytes: (count: number) => Uint8Array;
  /** The time of day, in milliseconds since 1970. Deadlines of locks use the clock of the store instead. */
  readonly wallMs: () => number;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Called if there is a bug. The process should log the error and exit. */
  readonly failed: (error: unknown) => void;
}
