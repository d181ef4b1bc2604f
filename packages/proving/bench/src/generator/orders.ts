import type { Address } from "./hop.ts";

/* What the bench and its generators say to each other, over the message channel of Node. */

export interface HopLoad {
  readonly login: Address;
  /** At least as many as clients. Clients take them in turn, one client at a time. */
  readonly accounts: readonly string[];
  readonly password: string;
  readonly clients: number;
  /** How many hops to do; null: until the order to stop. */
  readonly hopsMax: number | null;
}

export type Order =
  | { readonly type: "play"; readonly load: HopLoad }
  /** Is answered at once. */
  | { readonly type: "count" }
  /** Is answered when all clients have ended. */
  | { readonly type: "wait" }
  /** The same, and no client begins another hop. */
  | { readonly type: "stop" };

/** The answer: what happened since the last answer. */
export interface Count {
  /** The duration of each hop that succeeded. */
  readonly durationsMs: readonly number[];
  /** Numbers of failed hops, by kind. */
  readonly failures: Readonly<Record<string, number>>;
  /** Bytes that servers sent to clients. */
  readonly bytes: number;
}
