import { type Clock, delay } from "@sallyport/clock";
import { Unavailable } from "@sallyport/domain";
import type { LockReader } from "@sallyport/lock-store";
import { LabelledCounts, type LabelsOf, type Metrics } from "@sallyport/server-kit";
import { kindAndState } from "./lock-rows.ts";

/*
 * Counts the locks by kind and state. Only the store knows them, and reading it costs as much as it has
 * locks. So the census reads a page at a time, with a pause after each, and only while somebody reads the
 * metrics. Readers get the result of the last complete count.
 */

export interface LockCensusOptions {
  readonly readers: readonly LockReader[];
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Called with a bug that ended a count. */
  readonly failed: (error: unknown) => void;
}

const pageSize = 100;
const pauseMs = 100;
/** The pause between two counts. */
const restMs = 30_000;

type Counts = LabelledCounts<LabelsOf<"locks">>;

export class LockCensus {
  readonly #options: LockCensusOptions;
  #counts: Counts = new LabelledCounts();
  #isCounting = false;
  #isStopped = false;
  #endedMs = Number.NEGATIVE_INFINITY;

  constructor(options: LockCensusOptions) {
    this.#options = options;
    options.metrics.watchEach("locks", () => {
      this.#countSoon();
      return this.#counts;
    });
  }

  stop(): void {
    this.#isStopped = true;
  }

  #countSoon(): void {
    const { clock, failed } = this.#options;
    if (this.#isStopped || this.#isCounting || clock.nowMs() - this.#endedMs < restMs) return;
    this.#isCounting = true;
    this.#count()
      .catch((error) => {
        // The old counts may be wrong now, so none are reported.
        this.#counts = new LabelledCounts();
        if (!(error instanceof Unavailable)) failed(error);
      })
      .finally(() => {
        this.#isCounting = false;
        this.#endedMs = clock.nowMs();
      });
  }

  async #count(): Promise<void> {
    const { readers, clock } = this.#options;
    const counts: Counts = new LabelledCounts();
    // States that have no lock any more are reported as 0.
    for (const [labels] of this.#counts) counts.add(labels, 0);
    for (const reader of readers) {
      let cursor: string | null = null;
      do {
        const page = await reader.list(cursor, pageSize);
        for (const lock of page.locks) counts.add(kindAndState(lock), 1);
        cursor = page.next;
        await delay(clock, pauseMs);
      } while (cursor !== null && !this.#isStopped);
    }
    this.#counts = counts;
  }
}
