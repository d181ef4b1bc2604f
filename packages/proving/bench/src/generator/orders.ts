import type { Address } from "./hop.ts";

/* What the bench and its generators say to each other, over the message channel of Node. */

/** One of the things that clients do again and again. */
export type Act =
  | { readonly type: "hop" | "log in"; readonly login: Address; readonly password: string }
  /** A bare hash of a password, in the generator itself. */
  | { readonly type: "hash" }
  /** A number of messages to an echo. */
  | { readonly type: "ask"; readonly by: "link" | "bare"; readonly address: Address }
  /** A number of decisions, in the generator itself. */
  | { readonly type: "decide"; readonly by: "table" | "hand" };

export interface Load {
  readonly act: Act;
  /** At least as many as clients. Clients take them in turn, one client at a time. */
  readonly accounts: readonly string[];
  readonly clients: number;
  /** How often to act; null: until the order to stop. */
  readonly timesMax: number | null;
}

/** Clients that come to a map and stay. */
export interface CrowdLoad {
  /** With a login, a client comes to the map by all doors; with a map, it goes to the map door at once. */
  readonly to: { readonly login: Address; readonly password: string } | { readonly map: Address };
  readonly accounts: readonly string[];
  /** How many come at the same time. */
  readonly atOnce: number;
  /** How many others each client has to see. */
  readonly others: number;
}

export type Order =
  | { readonly type: "play"; readonly load: Load }
  /** Is answered at once. */
  | { readonly type: "count" }
  /** Is answered when all clients have ended. */
  | { readonly type: "wait" }
  /** The same, and no client begins again. */
  | { readonly type: "stop" }
  /** Is answered when each client has seen all others. */
  | { readonly type: "come"; readonly load: CrowdLoad }
  /** Is answered when all clients that came were allowed to leave. */
  | { readonly type: "leave" };

/** The answer: what happened since the last answer. */
export interface Count {
  /** The duration of each act that succeeded. */
  readonly durationsMs: readonly number[];
  /** Numbers of failed acts, by kind. */
  readonly failures: Readonly<Record<string, number>>;
  /** Bytes that servers sent to clients. */
  readonly bytes: number;
}
