import type { Presence, ServerKind } from "@sallyport/directory";

/*
 * What the admin port answers operators with, as JSON: the fields are documented in docs/operations.md and stay. Nothing in
 * it lets anybody in: no login ids, no cookies or hashes of them, no proofs.
 */

/**
 * `away`: its link dropped, and it may come back. `over`: whatever it had is free, or about to be. `unreadable`: its server
 * lock is.
 */
export type OwnerState = "connected" | "away" | "over" | "unreadable";

export interface LockRow {
  readonly kind: "account" | "character" | "server";
  /** Null: of the login-servers. */
  readonly world: string | null;
  readonly accountId: number | null;
  readonly charId: number | null;
  /** Of a server lock: whose. */
  readonly server: string | null;
  /** `unreadable`: what the store has there is no lock; then nothing else is known of it. */
  readonly state: string;
  readonly owner: string | null;
  readonly ownerState: OwnerState | null;
  /** Until the owner, being away, is given up. */
  readonly ownerLeftMs: number | null;
  /** The server that it is on its way to. */
  readonly target: string | null;
  /** Until its timer ends the state; 0: it is about to; null: none runs. */
  readonly leftMs: number | null;
  /** Of a server lock: until what its earlier lives had, and it did not reclaim, is free. */
  readonly reclaimLeftMs: number | null;
  /** Finds the log lines about its login. */
  readonly trace: string | null;
}

/**
 * `unlinked`: it tells that it is there, and no other server has it linked. `silent`: linked, and tells nothing.
 * `unreadable`: its server lock is.
 */
export type ServerCondition = "up" | "draining" | "suspect" | "away" | "unlinked" | "silent" | "unreadable";

export interface ServerRow {
  readonly kind: ServerKind;
  readonly name: string;
  readonly world: string | null;
  readonly condition: ServerCondition;
  /** Until it is given up, being away. */
  readonly leftMs: number | null;
  /** Null: it tells nothing. */
  readonly presence: Presence | null;
}

export interface Partial {
  /** In words, what this process cannot see, and why. */
  readonly unseen: readonly string[];
}

export interface ServersAnswer extends Partial {
  readonly servers: readonly ServerRow[];
}

export interface LocksAnswer extends Partial {
  readonly locks: readonly LockRow[];
  /** For `after`, to go on; null: these were the last. */
  readonly next: string | null;
}

/**
 * `waits`: not before a timer is over; `in-use`: whoever plays has to leave first, and is asked to; `lock-unreadable`: not
 * before somebody mends that.
 */
export type LoginVerdict =
  | "can-log-in"
  | "in-use"
  | "waits"
  | "banned"
  | "no-world"
  | "lock-unreadable"
  | "not-known";

export interface WhoisAccount {
  readonly accountId: number;
  readonly name: string;
  /** ISO 8601, as all that end so. */
  readonly createdAt: string;
  readonly lastLoginAt: string | null;
  /** `infinity`: without end. */
  readonly bannedUntil: string | null;
  readonly characters: readonly {
    readonly charId: number;
    readonly name: string;
    readonly world: string;
    readonly map: string;
    readonly lastPlayedAt: string | null;
  }[];
  readonly locks: readonly LockRow[];
  readonly verdict: LoginVerdict;
  /** The longest that a login may have to wait; null: none has to, or nobody knows. */
  readonly waitMs: number | null;
  /** Whole sentences. */
  readonly says: readonly string[];
  /** What an operator can do; empty: nothing needs to be done. */
  readonly todo: readonly string[];
}

export interface WhoisAnswer extends Partial {
  readonly name: string;
  readonly accounts: readonly WhoisAccount[];
}
