import type { Address } from "./visit.ts";

/* The messages between the bench and its generators, over the message channel of Node. */

/** An act that clients repeat. */
export type Act =
  | {
      readonly type: "hop" | "log in";
      readonly wire: "native" | "ragnarok";
      readonly login: Address;
      readonly password: string;
      readonly instead?: Readonly<Record<number, number>>;
    }
  /** Only hashes a password, in the generator itself. */
  | { readonly type: "hash" }
  /** Sends `messagesEach` messages to an echo. */
  | { readonly type: "ask"; readonly by: "link" | "bare"; readonly address: Address }
  /** Receives `megabytesEach` megabytes from a map door. */
  | { readonly type: "receive"; readonly map: Address }
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
  readonly to: WayToMap;
  readonly accounts: readonly string[];
  /** The number of clients that come at the same time. */
  readonly atOnce: number;
  /** The number of other clients that each client has to see. */
  readonly others: number;
}

export type WayToMap =
  /** Logs in as a Ragnarok client, and goes through all doors. */
  | { readonly by: "password"; readonly login: Address; readonly password: string }
  /** Logs in as a native client, which costs the server no password hash, and then goes on as the other. */
  | { readonly by: "proof"; readonly login: Address; readonly char: Address; readonly password: string }
  /** Goes straight to the map door. */
  | { readonly map: Address };

export interface WalkLoad {
  /** How often each client of the crowd walks. */
  readonly everyMs: number;
  readonly forMs: number;
}

/** Locks of a server that was restarted. */
export interface ReclaimLoad {
  /** `locks`: the lock tables over a lock store. `bare`: loads and compare-and-sets in batches. */
  readonly by: "locks" | "bare";
  /** Null: the locks are in the memory of the generator. */
  readonly redisUrl: string | null;
  readonly locks: number;
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
  | { readonly type: "leave" }
  /** The generator answers when the time is over. */
  | { readonly type: "walk"; readonly load: WalkLoad }
  /** The generator answers when the locks are there, held by the first incarnation of a server. */
  | { readonly type: "plant"; readonly load: ReclaimLoad }
  /** The generator answers when the next incarnation of the server holds all locks of the last one. */
  | { readonly type: "reclaim"; readonly by: ReclaimLoad["by"] };

/** The answer to an order: what the generator counted since its last answer. */
export interface Count {
  /** The duration of each act that succeeded. For reclaimed locks, that of a page divided among its locks. */
  readonly durationsMs: readonly number[];
  /** Numbers of failed acts, by kind. */
  readonly failures: Readonly<Record<string, number>>;
  /** Bytes that servers sent to clients. */
  readonly bytes: number;
}
