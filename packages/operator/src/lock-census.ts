import { delay } from "@sallyport/clock";
import { Unavailable } from "@sallyport/domain";
import type { LockReader } from "@sallyport/lock-store";
import { type Host, LabelledCounts, type LabelsOf } from "@sallyport/server-kit";
import { kindAndState } from "./lock-rows.ts";

/*
 * Counts the locks by kind and state. Only the store knows all locks, and the cost of a count grows with
 * their number. So the census counts only while somebody reads the metrics. It reads one page of locks at a
 * time and pauses after each. The metrics show the last complete count.
 */

const pageSize = 100;
const pauseMs = 100;
/** The pause between two counts. */
const restMs = 30_000;

type Counts = LabelledCounts<LabelsOf<"locks">>;

export class LockCensus {
  readonly #host: Pick<Host, "clock" | "failed">;
  readonly #readers: readonly LockReader[];
  #counts: Counts = new LabelledCounts();
  #isCounting = false;
  #isStopped = false;
  #endedMs = Number.NEGATIVE_INFINITY;

  constructor(host: Pick<Host, "clock" | "metrics" | "failed">, readers: readonly LockReader[]) {
    this.#host = host;
    this.#readers = readers;
    host.metrics.watchEach("locks", () => {
      this.#countSoon();
      return this.#counts;
    });
  }

  stop(): void {
    this.#isStopped = true;
  }

  #countSoon(): void {
    const { clock, failed } = this.#host;
    if (this.#isStopped || this.#isCounting || clock.nowMs() - this.#endedMs < restMs) return;
    this.#isCounting = true;
    this.#count()
      .catch((error) => {
        // The old counts may be wrong now, so no counts are reported.
        this.#counts = new LabelledCounts();
        if (!(error instanceof Unavailable)) failed(error);
      })
      .finally(() => {
        this.#isCounting = false;
        this.#endedMs = clock.nowMs();
      });
  }

  async #count(): Promise<void> {
    const { clock } = this.#host;
    const counts: Counts = new LabelledCounts();
    // A state that was reported before and has no locks now is reported as 0.
    for (const [labels] of this.#counts) counts.add(labels, 0);
    for (const reader of this.#readers) {
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
