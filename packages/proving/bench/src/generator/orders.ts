import type { Address } from "./hop.ts";

/* The messages between the bench and its generators, over the message channel of Node. */

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
   * There are at least as many accounts as clients. Clients use the accounts in turn, and no two clients use
   * the same account at the same time.
   */
  readonly accounts: readonly string[];
  readonly clients: number;
  /** Maximum number of acts of all clients together. Null: the clients act until the order `stop`. */
  readonly timesMax: number | null;
}

/** Clients that come to a map and stay. */
export interface CrowdLoad {
  /** `login`: a client goes through all doors to the map. `map`: a client goes straight to the map door. */
  readonly to: { readonly login: Address; readonly password: string } | { readonly map: Address };
  readonly accounts: readonly string[];
  /** The number of clients that come at the same time. */
  readonly atOnce: number;
  /** The number of other clients that each client has to see. */
  readonly others: number;
}

export type Order =
  | { readonly type: "play"; readonly load: Load }
  /** The generator answers at once. */
  | { readonly type: "count" }
  /** The generator answers when all clients have ended. */
  | { readonly type: "wait" }
  /** No client begins another act. The generator answers when all clients have ended. */
  | { readonly type: "stop" }
  /** The generator answers when each client has seen all others. */
  | { readonly type: "come"; readonly load: CrowdLoad }
  /** The generator answers when the server has let all clients leave. */
  | { readonly type: "leave" };

/** The answer to an order: what the generator counted since its last answer. */
export interface Count {
  /** The duration of each act that succeeded. */
  readonly durationsMs: readonly number[];
  /** Numbers of failed acts, by kind. */
  readonly failures: Readonly<Record<string, number>>;
  /** Bytes that servers sent to clients. */
  readonly bytes: number;
}
