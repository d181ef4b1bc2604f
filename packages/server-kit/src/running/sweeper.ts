import { Unavailable } from "@sallyport/domain";
import { type LockStore, sweepDue } from "@sallyport/lock-store";
import type { Host } from "./host.ts";

export interface SweeperOptions {
  readonly store: LockStore;
  readonly periodMs?: number;
  readonly expire: (key: string) => Promise<void>;
  /** Frees locks that have no deadline and no owner. */
  readonly freeLate: () => Promise<void>;
}

const passLimit = 1_000;

/** Expires locks a little after their deadlines. Several servers can sweep the same store at once. */
export class Sweeper {
  readonly #host: Host;
  readonly #options: SweeperOptions;
  readonly #stopTicking: () => void;
  #pass: Promise<void> | null = null;

  constructor(host: Host, options: SweeperOptions) {
    this.#host = host;
    this.#options = options;
    this.#stopTicking = host.clock.every(options.periodMs ?? 500, () => {
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
    const { log, failed, metrics } = this.#host;
    const { store, expire, freeLate } = this.#options;
    try {
      let due = passLimit;
      while (due >= passLimit) {
        const swept = await sweepDue({
          store,
          limit: passLimit,
          expire,
          onError: (key, error) =>
            error instanceof Unavailable
              ? log.warn({ key, err: error }, "an expired lock could not be freed; trying again")
              : failed(error),
        });
        due = swept.failed > 0 ? 0 : swept.due;
        metrics.count("sweeps", { outcome: swept.failed > 0 ? "failed" : "done" });
      }
      await freeLate();
    } catch (error) {
      metrics.count("sweeps", { outcome: "failed" });
      if (!(error instanceof Unavailable)) failed(error);
    }
  }
}
