import type { LimitReading } from "@sallyport/authentication";
import type { Presence, ServerKind } from "@sallyport/directory";
import type { Json, Role } from "@sallyport/domain";
import type { LockKind } from "@sallyport/lock-core";

/*
 * The JSON with which the admin port answers operators. docs/operations.md documents the fields, so they must
 * not change. The JSON contains nothing that gives access: no login ids, no cookies or their hashes, no
 * proofs.
 */

/**
 * `away`: the owner lost its link, and may come back. `over`: the owner's locks are free or will be soon.
 * `unreadable`: the server lock of the owner cannot be read.
 */
export type OwnerState = "connected" | "away" | "over" | "unreadable";

export interface LockRow {
  readonly kind: LockKind;
  /** Null for a lock of the login-servers. */
  readonly world: string | null;
  readonly accountId: number | null;
  readonly charId: number | null;
  /** Name of the server. Null in account and character locks. */
  readonly server: string | null;
  /** `unreadable`: the value in the store is not a lock, and all other fields are unknown. */
  readonly state: string;
  readonly owner: string | null;
  readonly ownerState: OwnerState | null;
  /** Milliseconds until an owner that is away loses its locks. Null if the owner is not away. */
  readonly ownerLeftMs: number | null;
  /** The server to which the character is being moved, or null if it is not being moved. */
  readonly target: string | null;
  /** Milliseconds until a timer ends this state. 0 if the state ends now, null if no timer runs. */
  readonly leftMs: number | null;
  /**
   * Only in a server lock: the milliseconds that remain for the server to reclaim the locks of its earlier
   * incarnations. After that, the locks that the server did not reclaim are freed.
   */
  readonly reclaimLeftMs: number | null;
  /** Id that marks the log lines about this login on every server. */
  readonly trace: string | null;
}

/**
 * `unlinked`: the server announces a presence but has no link. `silent`: the server has a link but announces
 * no presence. `unreadable`: its server lock cannot be read.
 */
export type ServerCondition = "up" | "draining" | "suspect" | "away" | "unlinked" | "silent" | "unreadable";

export interface ServerRow {
  readonly kind: ServerKind;
  readonly name: string;
  readonly world: string | null;
  readonly condition: ServerCondition;
  /** Milliseconds until a server that is away loses its locks. Null if the server is not away. */
  readonly leftMs: number | null;
  /** Null if the server announces no presence. */
  readonly presence: Presence | null;
}

export interface Partial {
  /** Sentences about the parts that this process cannot see, with the reasons. */
  readonly unseen: readonly string[];
}

export interface ServersAnswer extends Partial {
  readonly servers: readonly ServerRow[];
}

export interface LocksAnswer extends Partial {
  readonly locks: readonly LockRow[];
  /** The next request sends this value as `after`. Null if there are no more locks. */
  readonly next: string | null;
}

/**
 * `place-banned`: the address or the device of the last login is banned. `unconfirmed`: the e-mail address has to
 * be confirmed first. `waits`: a login has to wait for a timer. `in-use`: a login disconnects the client that
 * uses the account now. `lock-unreadable`: no client can log in until an operator repairs the lock.
 */
export type LoginVerdict =
  | "can-log-in"
  | "in-use"
  | "waits"
  | "banned"
  | "place-banned"
  | "unconfirmed"
  | "no-world"
  | "lock-unreadable"
  | "not-known";

export interface WhoisAccount {
  readonly accountId: number;
  readonly name: string;
  /** ISO 8601, like all fields that end in `At`. */
  readonly createdAt: string;
  readonly lastLoginAt: string | null;
  /** ISO 8601, or `infinity` for a ban without end. */
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
  /**
   * The maximum number of milliseconds that a login has to wait. Null if the login need not wait, or if the
   * time is unknown.
   */
  readonly waitMs: number | null;
  /** The findings, in whole sentences. */
  readonly says: readonly string[];
  /** Remedies for an operator. Empty if none is needed. */
  readonly todo: readonly string[];
}

export interface WhoisAnswer extends Partial {
  readonly name: string;
  readonly accounts: readonly WhoisAccount[];
}

/** Something that happened. Absent parts are null. Times are ISO 8601. */
export interface TrailEntryRow {
  readonly at: string;
  readonly what: string;
  readonly accountId: number | null;
  readonly charId: number | null;
  readonly address: string | null;
  readonly device: string | null;
  readonly dialect: string | null;
  readonly clientVersion: string | null;
  /** The server that noted it. */
  readonly server: string;
  /** Who did it: an account name, or `(token)`. Null if it was the owner of the account. */
  readonly by: string | null;
  readonly why: string | null;
  readonly detail: Json;
}

/** A login of an account, with its times. */
export interface LoginTimes {
  readonly accountId: number;
  readonly address: string | null;
  readonly device: string | null;
  readonly dialect: string | null;
  readonly clientVersion: string | null;
  readonly connectedAt: string;
  /** While the account is in use, at most a minute old. */
  readonly lastActiveAt: string;
  /** Null: the account is in use, or its server died. */
  readonly endedAt: string | null;
}

export interface TrailAnswer {
  readonly name: string;
  readonly accounts: readonly { readonly accountId: number; readonly name: string }[];
  /** How often each account was logged on, as far as the trail goes back. */
  readonly counts: readonly {
    readonly accountId: number;
    readonly logOns: number;
    readonly logOffs: number;
  }[];
  /** The newest logins of each account, the newest first. */
  readonly logins: readonly LoginTimes[];
  /** The newest first. */
  readonly entries: readonly TrailEntryRow[];
  /** The next request sends this value as `before`. Null if there is nothing older. */
  readonly next: string | null;
}

/** The account that a request changed. */
export interface ChangedAccount {
  readonly accountId: number;
  readonly name: string;
}

export interface AddressedAccount extends ChangedAccount {
  /** Null: the account has no e-mail address. */
  readonly email: string | null;
}

export interface UnbannedAccount extends ChangedAccount {
  readonly wasBanned: boolean;
}

export interface RoleAccount extends ChangedAccount {
  readonly role: Role;
  /** The role that it had. */
  readonly before: Role;
}

export interface MutedAccount extends ChangedAccount {
  /** ISO 8601, or `infinity`. Null: the account may speak. */
  readonly mutedUntil: string | null;
}

export interface AccountAnswer {
  readonly accountId: number;
  readonly name: string | null;
  readonly email: string | null;
  readonly isEmailConfirmed: boolean;
  readonly role: Role;
  readonly createdAt: string;
  readonly lastLoginAt: string | null;
  /** ISO 8601, or `infinity`. A time that is over bans no longer. */
  readonly bannedUntil: string | null;
  readonly banReason: string | null;
  readonly bannedBy: string | null;
  readonly mutedUntil: string | null;
  readonly characters: readonly {
    readonly charId: number;
    readonly name: string;
    readonly world: string;
    readonly map: string;
    readonly lastPlayedAt: string | null;
  }[];
  /** The newest first. */
  readonly logins: readonly LoginTimes[];
}

export interface NetworkBanAnswer {
  readonly banId: number;
}

export interface NetworkBanRow {
  readonly banId: number;
  readonly network: string | null;
  readonly device: string | null;
  /** ISO 8601, or `infinity`. */
  readonly until: string;
  readonly reason: string | null;
  readonly by: string | null;
  readonly madeAt: string;
}

export interface BannedAccountRow {
  readonly accountId: number;
  /** Its name, or else its e-mail address. */
  readonly name: string;
  /** ISO 8601, or `infinity`. */
  readonly until: string;
  readonly reason: string | null;
  readonly by: string | null;
}

export interface BansAnswer {
  readonly bans: readonly NetworkBanRow[];
  readonly accounts: readonly BannedAccountRow[];
  /** More bans or more accounts are banned than the operator asked for. */
  readonly hasMore: boolean;
}

/** A character, as it was saved last. */
export interface CharacterAnswer {
  readonly charId: number;
  readonly name: string;
  readonly world: string;
  readonly map: string;
  readonly lastPlayedAt: string | null;
  readonly accountId: number;
  readonly account: string;
}

export interface CharactersAnswer {
  /** `attributes`: what the game keeps of the character, as it was saved last. */
  readonly characters: readonly (CharacterAnswer & { readonly attributes: Json })[];
}

export interface LimitsAnswer {
  readonly of: string;
  readonly limits: readonly LimitReading[];
}
