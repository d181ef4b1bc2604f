import { Histogram } from "./histogram.ts";

export const doors = ["login", "char enter", "choose", "map enter", "leave"] as const;
export type Door = (typeof doors)[number];

/** A hop: a client goes from one server to the next. */
export const hops = ["login → char", "char → map", "map → map", "map → char"] as const;
export type Hop = (typeof hops)[number];

/** A mistake that no bot should see in a healthy cluster. */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly kind: string;
  /** A further attempt would end in the same way. */
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

/** Counts what all bots of a run met, in bounded memory: there are few kinds, and durations are buckets. */
export class Tally {
  readonly hops = Object.fromEntries(hops.map((hop) => [hop, 0])) as Record<Hop, number>;
  readonly latency = Object.fromEntries(doors.map((door) => [door, new Histogram()])) as Record<
    Door,
    Histogram
  >;
  readonly refusals = new Map<string, number>();
  readonly errors = new Map<string, ErrorCount>();
  /** How late the bots' own timers ran: measured durations are no more accurate. */
  readonly lateness = new Histogram();
  rounds = 0;

  get hopCount(): number {
    return hops.reduce((sum, hop) => sum + this.hops[hop], 0);
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
}
