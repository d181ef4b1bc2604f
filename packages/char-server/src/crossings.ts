import type { AccountId } from "@sallyport/domain";
import type { Host, LabelsOf } from "@sallyport/server-kit";

type From = "char-select" | "map-server";

/**
 * Measures how long characters are on their way to a map-server. The char-server learns of the start and of
 * the arrival, so its own clock is enough.
 */
export class Crossings {
  readonly #host: Pick<Host, "clock" | "metrics">;
  readonly #withinMs: number;
  /** The oldest crossing comes first. */
  readonly #begun = new Map<AccountId, { readonly from: From; readonly atMs: number }>();

  /** A character that has not arrived after `withinMs` is no longer expected. */
  constructor(host: Pick<Host, "clock" | "metrics">, withinMs: number) {
    this.#host = host;
    this.#withinMs = withinMs;
  }

  begin(accountId: AccountId, from: From): void {
    const atMs = this.#host.clock.nowMs();
    for (const [each, begun] of this.#begun) {
      if (atMs - begun.atMs <= this.#withinMs) break;
      this.#begun.delete(each);
    }
    this.#begun.delete(accountId);
    this.#begun.set(accountId, { from, atMs });
  }

  end(accountId: AccountId): void {
    const begun = this.#begun.get(accountId);
    if (begun === undefined) return;
    this.#begun.delete(accountId);
    const { clock, metrics } = this.#host;
    const labels: LabelsOf<"enteringSeconds"> = { from: begun.from };
    metrics.observe("enteringSeconds", labels, (clock.nowMs() - begun.atMs) / 1_000);
  }
}
