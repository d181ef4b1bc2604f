import type { Credential } from "@sallyport/authentication";
import type { JsonObject } from "@sallyport/domain";
import type { Fault } from "./planned.ts";
import type { LockTier } from "./topology.ts";

/** A lock of any kind, as its store keeps it. */
export interface StoredLock {
  readonly state: string;
  readonly owner?: { readonly server: string; readonly incarnation: string };
  /** The map-server to which the character is on its way. Only character locks have this field. */
  readonly target?: { readonly server: string };
  readonly incarnation?: string;
  readonly loginId1?: number;
  /** What the client of an evicted lock is told. */
  readonly told?: { readonly reason: string };
  readonly fence?: number;
  readonly accountFence?: number;
  readonly charId?: number;
  readonly charFence?: number;
  readonly deadlineMs?: number;
  /**
   * The earlier processes of the same server. This process can reclaim their locks until `reclaimDeadlineMs`.
   * Only server locks have these two fields.
   */
  readonly earlier?: readonly string[];
  readonly reclaimDeadlineMs?: number;
}

/**
 * The value of a server lock contains its deadline. For other locks, the store keeps the deadline beside the
 * value.
 */
export function storedLock({ value, deadlineMs }: Kept): StoredLock {
  return { ...(deadlineMs === null ? {} : { deadlineMs }), ...JSON.parse(value) };
}

/** The fields of an entry of a lock store that a fact needs. */
interface Kept {
  readonly value: string;
  readonly deadlineMs: number | null;
}

export const incarnationsOf = (lock: StoredLock | null): readonly string[] =>
  lock?.incarnation === undefined ? [] : [lock.incarnation, ...(lock.earlier ?? [])];

/** The message fields that taps and checkers read. */
export interface SaidMessage {
  readonly type: string;
  readonly accountId?: number;
  readonly loginId1?: number;
  readonly charId?: number;
  readonly charFence?: number;
  readonly name?: string;
  readonly reason?: string;
  /** The door to which a client goes next. */
  readonly to?: string;
  /** A JSON object. */
  readonly attributes?: string;
  readonly saved?: { readonly attributes: string } | null;
}

/** An observed event outside the servers' own code: in a store, on the wire, or in the game rules. */
export type Fact =
  | {
      readonly type: "lock-changed";
      /** The name of the server process that changed the lock, such as `map-1#2`. */
      readonly life: string;
      readonly tier: LockTier;
      readonly key: string;
      readonly before: StoredLock | null;
      readonly after: StoredLock | null;
      /**
       * `expected` is the version that the writer had read. `overwritten` is the version that the writer
       * replaced.
       */
      readonly expected: number;
      readonly overwritten: number;
      /**
       * The latest time that the store's clock ever showed. A planned failure can set the clock back after
       * the writer has read it.
       */
      readonly storeMs: number;
      /** The latest time that the clock of each tier's store ever showed. */
      readonly tiersMs: { readonly [T in LockTier]: number };
    }
  /**
   * The store refused a change because of the lock's deadline. In one case the lock was due although it must
   * not be, and in the other case it was not due although it must be.
   */
  | { readonly type: "lock-untimely"; readonly key: string; readonly when: "due" | "not-due" }
  /** A lock store lost everything or its newest changes. It now holds exactly these locks. */
  | {
      readonly type: "locks-lost";
      readonly tier: LockTier;
      /**
       * True if all locks were lost. If false, the store went back to an older state, and no server has
       * noticed that yet.
       */
      readonly isAll: boolean;
      readonly locks: readonly (readonly [key: string, lock: StoredLock])[];
    }
  | { readonly type: "account-raised"; readonly accountId: number; readonly fence: number }
  /** A login-server is about to raise the account's fence or to record a login. */
  | {
      readonly type: "account-asked";
      readonly life: string;
      readonly accountId: number;
      readonly what: "raised" | "noted";
    }
  | { readonly type: "account-found"; readonly name: string; readonly accountId: number }
  /** From now on the account has this password in the database. */
  | { readonly type: "password-stored"; readonly accountId: number; readonly credential: Credential }
  | {
      readonly type: "taken";
      readonly charId: number;
      readonly accountId: number;
      readonly fence: number;
      readonly steps: number;
      readonly attributes: JsonObject;
      /**
       * This statement raised the fences of these characters. After that, the database must refuse saves
       * under their older fences.
       */
      readonly all: readonly number[];
    }
  | { readonly type: "passed"; readonly charId: number; readonly fence: number }
  /** An operator changed the character. Nobody owns it under this fence. */
  | { readonly type: "operated"; readonly charId: number; readonly fence: number }
  /**
   * An operator acts on an account. `password-end` is a new password that ends the login of the account, also
   * if a client of the account asked for it.
   */
  | {
      readonly type: "operator-began";
      readonly id: string;
      readonly accountId: number;
      readonly what: string;
    }
  /** While nothing disturbs the cluster, the ban has begun to end the login of its account by now. */
  | { readonly type: "ban-due"; readonly id: string }
  | { readonly type: "operator-ended"; readonly id: string; readonly refusal: string | null }
  /**
   * The database answered a save. If two saves have the same owner, the database can accept the older one
   * after the newer one.
   */
  | {
      readonly type: "saved";
      readonly charId: number;
      readonly fence: number;
      readonly isAccepted: boolean;
      /** The number of steps that the database has after the save. */
      readonly steps: number;
      /** What the database has after the save. */
      readonly attributes: JsonObject;
    }
  | { readonly type: "created"; readonly charId: number; readonly accountId: number }
  | { readonly type: "deleted"; readonly charId: number; readonly accountId: number }
  | {
      readonly type: "said";
      readonly life: string;
      readonly to: string;
      readonly channel: number;
      readonly kind: "request" | "notice";
      readonly correlationId: number;
      /** How many milliseconds the sender waits for an answer. */
      readonly ttlMs: number;
      readonly message: SaidMessage;
    }
  | {
      readonly type: "answered";
      readonly life: string;
      readonly to: string;
      readonly channel: number;
      readonly correlationId: number;
      /** The reason of the refusal. Null if the request was granted. */
      readonly refusal: string | null;
      readonly request: SaidMessage;
      /** The login id of the new login. Null if the request was not a login, or was refused. */
      readonly loginId1: number | null;
      /**
       * Whether the lock of a leaving character was released. Null if the request was not a leave request.
       */
      readonly isReleased: boolean | null;
    }
  /**
   * The channel is over. If `by` is null, the network cut it. If `isTold` is false, one end is gone and the
   * far end does not know this.
   */
  | {
      readonly type: "channel-over";
      readonly channel: number;
      readonly by: string | null;
      readonly isTold: boolean;
    }
  /** A process has noticed that the channel is over. */
  | { readonly type: "channel-heard"; readonly channel: number; readonly life: string }
  | { readonly type: "started"; readonly life: string }
  | { readonly type: "died"; readonly life: string }
  /** The directory sent a gateway the list of servers to which it can connect clients. */
  | {
      readonly type: "gateway-told";
      readonly life: string;
      readonly servers: readonly { readonly server: string; readonly isDraining: boolean }[];
    }
  /** A client connected to a gateway; `client` is the number of its stream. */
  | { readonly type: "gateway-opened"; readonly life: string; readonly client: number }
  /** A gateway tries to connect to a server for that client. */
  | {
      readonly type: "gateway-tries";
      readonly life: string;
      readonly client: number;
      readonly server: string;
    }
  /** The server accepted the gateway's connection. `channel` is the number of the stream between them. */
  | {
      readonly type: "gateway-joined";
      readonly life: string;
      readonly client: number;
      readonly channel: number;
      readonly server: string;
    }
  /** A gateway closed its end of a stream, or learnt that the far end is closed. */
  | { readonly type: "gateway-ended"; readonly life: string; readonly channel: number }
  /** The gateway takes no new clients after this fact. */
  | { readonly type: "gateway-drains"; readonly life: string }
  /**
   * The bytes of one write to a stream that a gateway has. The writer is the gateway, a client or a server.
   */
  | { readonly type: "chunk"; readonly channel: number; readonly life: string; readonly bytes: Uint8Array }
  /** A planned failure begins. */
  | { readonly type: "struck"; readonly fault: Fault }
  /** The database needs this long for one statement. */
  | { readonly type: "slow-statement"; readonly takesMs: number }
  /** A hint between two servers without a link was lost. */
  | { readonly type: "hint-lost" }
  /** All planned failures are over, and all servers are up. */
  | { readonly type: "healed" }
  /** All timers have run out since `healed`, and no client has logged in. */
  | {
      readonly type: "settled";
      readonly locks: readonly { readonly tier: LockTier; readonly key: string; readonly lock: StoredLock }[];
    }
  /** The game on this map-server counted a step of a character. */
  | { readonly type: "stepped"; readonly life: string; readonly charId: number; readonly steps: number }
  /** The game on this map-server gave an item from the floor to a player. `actor` is the item. */
  | { readonly type: "item-taken"; readonly life: string; readonly actor: number }
  /** What a client was shown of the state of its character, now and earlier. */
  | { readonly type: "client-shown"; readonly charId: number; readonly state: JsonObject }
  /** This process asked to count a step in the state of the world, and learnt later whether it is counted. */
  | { readonly type: "count-asked"; readonly life: string; readonly world: string; readonly id: number }
  | {
      readonly type: "count-answered";
      readonly life: string;
      readonly world: string;
      readonly id: number;
      readonly refusal: string | null;
    }
  /** The steps of each process that the database has for this world, after it answered a change. */
  | {
      readonly type: "counts-stored";
      readonly world: string;
      readonly counts: { readonly [life: string]: number };
    }
  | { readonly type: "bug"; readonly life: string; readonly error: unknown }
  | {
      readonly type: "client-answered";
      readonly life: string;
      readonly command: string;
      readonly refusal: string | null;
    }
  | {
      readonly type: "client-listed";
      readonly accountId: number;
      readonly world: string;
      readonly charIds: readonly number[];
      readonly askedMs: number;
    }
  /** A client was told that a character exists now, or that it is deleted. */
  | {
      readonly type: "client-created";
      readonly accountId: number;
      readonly world: string;
      readonly charId: number;
    }
  | { readonly type: "client-deleted"; readonly charId: number }
  /** A client asks to delete a character. It can ask several times. */
  | { readonly type: "client-wishes-deletion"; readonly charId: number }
  /**
   * `client-registered`: the client got the answer that its account now exists. `client-unknown`: it got the
   * answer that its name and password match no account.
   */
  | { readonly type: "client-registered"; readonly name: string }
  | {
      readonly type: "client-unknown";
      readonly name: string;
      readonly password: string;
      /** As far as the client knows. */
      readonly isPasswordRight: boolean;
      /** When the client's login began. */
      readonly askedMs: number;
    }
  /** A client got login ids with this password. */
  | {
      readonly type: "client-logged-in";
      readonly accountId: number;
      readonly password: string;
      /** When the client's login began. */
      readonly askedMs: number;
    }
  /** A client got the answer that its account has this new password. */
  | {
      readonly type: "client-changed-password";
      readonly accountId: number;
      readonly password: string;
      readonly askedMs: number;
      /** The act `password-end`, if older logins should end too. */
      readonly id: string | null;
    }
  /**
   * A client got the answer that its character is saved and has left. The client has counted at least
   * `stepsAtLeast` steps of this character.
   */
  | { readonly type: "client-left"; readonly charId: number; readonly stepsAtLeast: number }
  /**
   * A client got the answer that its character is saved. When it asked, it had counted at least `stepsAtLeast` steps
   * of this character.
   */
  | { readonly type: "client-saved"; readonly charId: number; readonly stepsAtLeast: number };

export interface Observer {
  see(fact: Fact, nowMs: number): void;
}
