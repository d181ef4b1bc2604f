import type { Address } from "./hop.ts";

/* What the bench and its generators say to each other, over the message channel of Node. */

/** An act that clients repeat. */
export type Act =
  | { readonly type: "hop" | "log in"; readonly login: Address; readonly password: string }
  /** Only hashes a password, in the generator itself. */
  | { readonly type: "hash" }
  /** Sends `messagesEach` messages to an echo. */
  | { readonly type: "ask"; readonly by: "link" | "bare"; readonly address: Address }
  /** Makes `decisionsEach` decisions, in the generator itself. */
  | { readonly type: "decide"; readonly by: "table" | "hand" };

export interface Load {
  readonly act: Act;
  /**
   * At least as many as there are clients. Clients take accounts in turn, and no account is used twice at
   * once.
   */
  readonly accounts: readonly string[];
  readonly clients: number;
  /** The most acts of all clients together. Null: they act until the order to stop. */
  readonly timesMax: number | null;
}

/** Clients that come to a map and stay. */
export interface CrowdLoad {
  /** `login`: a client comes to the map by all doors. `map`: a client goes straight to the map door. */
  readonly to: { readonly login: Address; readonly password: string } | { readonly map: Address };
  readonly accounts: readonly string[];
  /** The number of clients that come at the same time. */
  readonly atOnce: number;
  /** The number of other clients that each client has to see. */
  readonly others: number;
}

export type Order =
  | { readonly type: "play"; readonly load: Load }
  /** Is answered at once. */
  | { readonly type: "count" }
  /** Is answered when all clients have ended. */
  | { readonly type: "wait" }
  /** No client begins again. Is answered when all clients have ended. */
  | { readonly type: "stop" }
  /** Is answered when each client has seen all others. */
  | { readonly type: "come"; readonly load: CrowdLoad }
  /** Is answered when the server has let all clients leave. */
  | { readonly type: "leave" };

/** The answer: the counts since the last answer. */
export interface Count {
  /** The duration of each act that succeeded. */
  readonly durationsMs: readonly number[];
  /** Numbers of failed acts, by kind. */
  readonly failures: Readonly<Record<string, number>>;
  /** Bytes that servers sent to clients. */
  readonly bytes: number;
}
