import type { Address } from "./visit.ts";

/* The bench and its generators exchange these messages over the IPC channel of Node. */

/** Clients repeat one of these acts. */
export type Act =
  | {
      readonly type: "hop" | "log in";
      readonly wire: "native" | "ragnarok";
      readonly login: Address;
      readonly password: string;
      readonly instead?: Readonly<Record<number, number>>;
    }
  /** The generator itself hashes a password. No server takes part. */
  | { readonly type: "hash" }
  /** Sends `messagesEach` messages to an echo. */
  | { readonly type: "ask"; readonly by: "link" | "bare"; readonly address: Address }
  /** Receives `megabytesEach` megabytes from a map door. */
  | { readonly type: "receive"; readonly map: Address }
  /** The generator itself makes `decisionsEach` decisions. No server takes part. */
  | { readonly type: "decide"; readonly by: "table" | "hand" };

export interface Load {
  readonly act: Act;
  /**
   * There must be at least as many accounts as clients. Clients use the accounts in turn. No two clients use
   * one account at the same time.
   */
  readonly accounts: readonly string[];
  readonly clients: number;
  /** Maximum number of acts of all clients together. If null, the clients act until the order `stop`. */
  readonly timesMax: number | null;
}

export interface CrowdLoad {
  readonly to: WayToMap;
  readonly accounts: readonly string[];
  /** Maximum number of clients that come at the same time. */
  readonly atOnce: number;
  /** Each client has to see this many other clients. */
  readonly others: number;
}

export type WayToMap =
  /** Logs in as a Ragnarok client, and goes through all doors. */
  | { readonly by: "password"; readonly login: Address; readonly password: string }
  /**
   * Logs in as a native client, because this login costs the server no password hash. Then continues as a
   * Ragnarok client.
   */
  | { readonly by: "proof"; readonly login: Address; readonly char: Address; readonly password: string }
  /** Goes straight to the map door. */
  | { readonly map: Address };

export interface WalkLoad {
  /** Each client starts a walk at this interval. */
  readonly everyMs: number;
  readonly forMs: number;
}

/** A restarted server reclaims these locks. */
export interface ReclaimLoad {
  /**
   * With `locks`, the lock tables reclaim locks in a lock store. With `bare`, the generator only sends loads
   * and compare-and-sets in batches.
   */
  readonly by: "locks" | "bare";
  /** If this is null, the locks are in the memory of the generator. */
  readonly redisUrl: string | null;
  readonly locks: number;
}

export type Order =
  | { readonly type: "play"; readonly load: Load }
  /** The generator answers at once. */
  | { readonly type: "count" }
  /** The generator answers when all clients have ended. */
  | { readonly type: "wait" }
  /** Clients begin no new act. The generator answers when all clients have ended. */
  | { readonly type: "stop" }
  /** The generator answers when each client has seen all others. */
  | { readonly type: "come"; readonly load: CrowdLoad }
  /** The generator answers when the server has let all clients leave. */
  | { readonly type: "leave" }
  /** The generator answers when `forMs` milliseconds are over. */
  | { readonly type: "walk"; readonly load: WalkLoad }
  /** The generator answers when the first incarnation of a server holds all locks. */
  | { readonly type: "plant"; readonly load: ReclaimLoad }
  /** The generator answers when the next incarnation of the server holds all locks of the previous one. */
  | { readonly type: "reclaim"; readonly by: ReclaimLoad["by"] };

export interface Count {
  /**
   * One duration for each successful act. If locks are reclaimed, the time of a page is divided by the number
   * of its locks.
   */
  readonly durationsMs: readonly number[];
  /** The number of failed acts of each kind. */
  readonly failures: Readonly<Record<string, number>>;
  /** Bytes that servers sent to clients. */
  readonly bytes: number;
}
