import { type ErrorCount, Histogram } from "@sallyport/bots";
import type { RagnarokClient } from "../client/ragnarok-client.ts";

/** A request of the client, from its first byte or from dialling to the answer. */
export const steps = [
  "register",
  "login",
  "char enter",
  "create",
  "choose",
  "map enter",
  "time",
  "walk",
  "say",
  "restart",
  "quit",
  "close",
] as const;
export type Step = (typeof steps)[number];

/** The time that a player waits: from dialling the login door on, with all refusals. */
export const spans = ["to login ids", "to characters", "to the map"] as const;
export type Span = (typeof spans)[number];

/** A mistake that a client met and that ends its round. */
export class LoadFault extends Error {
  override readonly name = "LoadFault";
  readonly kind: string;

  constructor(kind: string, detail: string) {
    super(detail);
    this.kind = kind;
  }
}

const histograms = <Key extends string>(keys: readonly Key[]): Record<Key, Histogram> =>
  Object.fromEntries(keys.map((key) => [key, new Histogram()])) as Record<Key, Histogram>;

/** Counts what all clients of a run met, in bounded memory. */
export class Tally {
  readonly steps = histograms(steps);
  readonly spans = histograms(spans);
  readonly refusals = new Map<string, number>();
  readonly errors = new Map<string, ErrorCount>();
  /** How late this process's own timers ran: measured durations are no more accurate. */
  readonly lateness = new Histogram();
  /** Rounds without an error, and all rounds. */
  roundsWell = 0;
  rounds = 0;
  /** Hops from one map-server to another. */
  hops = 0;

  get refusalCount(): number {
    return [...this.refusals.values()].reduce((sum, count) => sum + count, 0);
  }

  get errorCount(): number {
    return [...this.errors.values()].reduce((sum, { count }) => sum + count, 0);
  }

  refuse(kind: string): void {
    this.refusals.set(kind, (this.refusals.get(kind) ?? 0) + 1);
  }

  fault(kind: string, detail: string): void {
    const known = this.errors.get(kind);
    this.errors.set(kind, { count: (known?.count ?? 0) + 1, first: known?.first ?? detail });
  }

  /** Adds the faults that the client found in the packets it got. */
  faultsOf(client: RagnarokClient, account: string): void {
    for (const { fault, door, detail } of client.faults) {
      this.fault(`protocol: ${fault}`, `${account} at the ${door} door: ${detail}`);
    }
  }
}
