import type { Clock } from "@sallyport/clock";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";

/** What a server needs from outside, whatever it does. */
export interface Host {
  /** Monotonic. */
  readonly clock: Clock;
  /** At least 0 and less than 1; for pauses, not for secrets. */
  readonly random: () => number;
  /** Returns random bytes that are good enough for secrets. */
  readonly randomBytes: (count: number) => Uint8Array;
  /** The time of day, in milliseconds since 1970. Locks run on their store's clock instead. */
  readonly wallMs: () => number;
  readonly log: Log;
  /** `noMetrics` where nobody reads them. */
  readonly metrics: Metrics;
  /** Called on a bug: the process should log it and end. */
  readonly failed: (error: unknown) => void;
}
