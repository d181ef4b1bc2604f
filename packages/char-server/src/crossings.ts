import type { Clock } from "@sallyport/clock";
import type { AccountId } from "@sallyport/domain";
import { type LabelsOf, type Metrics, noMetrics } from "@sallyport/server-kit";

type From = "char-select" | "map-server";

export interface CrossingsOptions {
  readonly clock: Clock;
  readonly metrics?: Metrics;
  /** A character that has not arrived after this time is no longer expected. */
  readonly withinMs: number;
}

/**
 * Measures how long characters are on their way to a map-server. The char-server is told of both ends, so one
 * clock is enough.
 */
export class Crossings {
  readonly #options: CrossingsOptions;
  /** The oldest comes first. */
  readonly #begun = new Map<AccountId, { readonly from: From; readonly atMs: number }>();

  constructor(options: CrossingsOptions) {
    this.#options = options;
  }

  begin(accountId: AccountId, from: From): void {
    const atMs = this.#options.clock.nowMs();
    for (const [each, begun] of this.#begun) {
      if (atMs - begun.atMs <= this.#options.withinMs) break;
      this.#begun.delete(each);
    }
    this.#begun.delete(accountId);
    this.#begun.set(accountId, { from, atMs });
  }

  end(accountId: AccountId): void {
    const begun = this.#begun.get(accountId);
    if (begun === undefined) return;
    this.#begun.delete(accountId);
    const { clock, metrics = noMetrics } = this.#options;
    const labels: LabelsOf<"enteringSeconds"> = { from: begun.from };
    metrics.observe("enteringSeconds", labels, (clock.nowMs() - begun.atMs) / 1_000);
  }
}
