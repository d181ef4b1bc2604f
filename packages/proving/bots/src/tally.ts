import type { Clock } from "@sallyport/sdk";
import { Histogram } from "./histogram.ts";
import { record } from "./record.ts";

/** An error that no player should meet in a healthy cluster. */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly kind: string;
  /** True if another attempt would end in the same way. */
  readonly isFinal: boolean;

  constructor(kind: string, detail: string, isFinal = false) {
    super(detail);
    this.kind = kind;
    this.isFinal = isFinal;
  }
}

export interface ErrorCount {
  readonly count: number;
  /** The message of the first error of this kind. */
  readonly first: string;
}

/**
 * Counts the refusals, errors and durations of all players of a run. Its memory is bounded: there are few
 * kinds of refusals and errors, and durations are counted in buckets.
 */
export class Tally<Timed extends string> {
  readonly durations: Readonly<Record<Timed, Histogram>>;
  readonly refusals = new Map<string, number>();
  readonly errors = new Map<string, ErrorCount>();
  /** How late the timers of this process ran. Measured durations may be wrong by as much. */
  readonly lateness = new Histogram();
  rounds = 0;

  constructor(timed: readonly Timed[]) {
    this.durations = record(timed, () => new Histogram());
  }

  get refusalCount(): number {
    return [...this.refusals.values()].reduce((sum, count) => sum + count, 0);
  }

  get errorCount(): number {
    return [...this.errors.values()].reduce((sum, { count }) => sum + count, 0);
  }

  refuse(at: string, refusal: string): void {
    const kind = `${at}: ${refusal}`;
    this.refusals.set(kind, (this.refusals.get(kind) ?? 0) + 1);
  }

  fault({ kind, message }: Fault): void {
    const known = this.errors.get(kind);
    this.errors.set(kind, { count: (known?.count ?? 0) + 1, first: known?.first ?? message });
  }

  /**
   * Calls `look` every `everyMs` milliseconds, until the caller calls the returned function. If `look`
   * returns true, records how late `look` was called.
   */
  watch(clock: Clock, everyMs: number, look: (nowMs: number) => boolean): () => void {
    let expectedMs = clock.nowMs() + everyMs;
    return clock.every(everyMs, () => {
      const nowMs = clock.nowMs();
      if (look(nowMs)) this.lateness.add(Math.max(0, nowMs - expectedMs));
      expectedMs = nowMs + everyMs;
    });
  }
}
