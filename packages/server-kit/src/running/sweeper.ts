import type { Clock } from "@sallyport/clock";
import { Unavailable } from "@sallyport/domain";
import { type LockStore, sweepDue } from "@sallyport/lock-store";
import type { Log } from "../telemetry/log.ts";
import { type Metrics, noMetrics } from "../telemetry/metrics.ts";

export interface SweeperOptions {
  readonly store: LockStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: Metrics;
  readonly periodMs?: number;
  readonly expire: (key: string) => Promise<void>;
  readonly failed: (error: unknown) => void;
}

const passLimit = 1_000;

/**
 * Ends locks whose deadline has passed, a little after it. Any number of servers of a tier may sweep at once.
 */
export class Sweeper {
  readonly #options: SweeperOptions;
  readonly #stopTicking: () => void;
  #pass: Promise<void> | null = null;

  constructor(options: SweeperOptions) {
    this.#options = options;
    this.#stopTicking = options.clock.every(options.periodMs ?? 500, () => {
      this.#pass ??= this.#sweep().finally(() => {
        this.#pass = null;
      });
    });
  }

  async stop(): Promise<void> {
    this.#stopTicking();
    await this.#pass;
  }

  async #sweep(): Promise<void> {
    const { store, expire, log, failed, metrics = noMetrics } = this.#options;
    try {
      let due = passLimit;
      while (due >= passLimit) {
        const swept = await sweepDue({
          store,
          limit: passLimit,
          expire,
          onError: (key, error) =>
            error instanceof Unavailable
              ? log.warn({ key, err: error }, "a lock could not be expired; trying again")
              : failed(error),
        });
        due = swept.failed > 0 ? 0 : swept.due;
        metrics.count("sweeps", { outcome: swept.failed > 0 ? "failed" : "done" });
      }
    } catch (error) {
      metrics.count("sweeps", { outcome: "failed" });
      if (!(error instanceof Unavailable)) failed(error);
    }
  }
}
