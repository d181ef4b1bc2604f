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
  readonly fence?: number;
  readonly accountFence?: number;
  readonly charId?: number;
  readonly charFence?: number;
  readonly deadlineMs?: number;
  /**
   * The earlier processes whose locks this process may still reclaim until `reclaimDeadlineMs`. Only server
   * locks have these two fields.
   */
  readonly earlier?: readonly string[];
  readonly reclaimDeadlineMs?: number;
}

/** Server locks hold their deadline in the value. The store keeps the deadline of the other locks beside it. */
export function storedLock({ value, deadlineMs }: Kept): StoredLock {
  return { ...(deadlineMs === null ? {} : { deadlineMs }), ...JSON.parse(value) };
}

/** A fact is made from these fields of an entry of a lock store. */
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
       * The latest time that the store's clock ever showed. The writer may have read this time before a
       * planned failure set the clock back.
       */
      readonly storeMs: number;
      /** The latest time that the clock of each tier's store ever showed. */
      readonly tiersMs: { readonly [T in LockTier]: number };
    }
  /**
   * The store refused a change because of the lock's deadline: the lock was due and must not be, or the other
   * way round.
   */
  | { readonly type: "lock-untimely"; readonly key: string; readonly when: "due" | "not-due" }
  /** A lock store lost everything or its newest changes. It now holds exactly these locks. */
  | {
      readonly type: "locks-lost";
      readonly tier: LockTier;
      /**
       * Whether all locks were lost. If not, the store went back to an older state, and no server has noticed
       * that yet.
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
  | {
      readonly type: "taken";
      readonly charId: number;
      readonly accountId: number;
      readonly fence: number;
      readonly steps: number;
      /**
       * This statement raised the fences of these characters. The database must then refuse saves under their
       * older fences.
       */
      readonly all: readonly number[];
    }
  | { readonly type: "passed"; readonly charId: number; readonly fence: number }
  /**
   * The database answered a save. An older save may be accepted after a newer one if both are from the same
   * owner.
   */
  | {
      readonly type: "saved";
      readonly charId: number;
      readonly fence: number;
      readonly isAccepted: boolean;
      /** The number of steps that the database has after the save. */
      readonly steps: number;
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
      /** How long the sender waits for an answer. */
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
      /** Whether the lock of a leaving character was released. Null if the request was not about leaving. */
      readonly isReleased: boolean | null;
    }
  /**
   * The channel is over. If `by` is null, the network cut it. If `isTold` is false, one end is gone and the
   * other end has not been told.
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
  /** The directory told a gateway to which servers it may connect clients. */
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
  /** A gateway closed its end of a stream, or learnt that the other end was closed. */
  | { readonly type: "gateway-ended"; readonly life: string; readonly channel: number }
  /** After this fact, the gateway takes no new clients. */
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
  /** The game rules of this map-server counted a step of a character. */
  | { readonly type: "stepped"; readonly life: string; readonly charId: number; readonly steps: number }
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
  /** A client asks to delete a character. It may ask several times. */
  | { readonly type: "client-wishes-deletion"; readonly charId: number }
  /**
   * `client-registered`: a client was told that its account exists now. `client-unknown`: it was told that
   * its name and password match no account.
   */
  | { readonly type: "client-registered"; readonly name: string }
  | {
      readonly type: "client-unknown";
      readonly name: string;
      readonly isPasswordRight: boolean;
      /** When the client's login began. */
      readonly askedMs: number;
    }
  /**
   * A client was told that its character is saved and has left. According to the client, the character has
   * taken at least `stepsAtLeast` steps.
   */
  | { readonly type: "client-left"; readonly charId: number; readonly stepsAtLeast: number };

export interface Observer {
  see(fact: Fact, nowMs: number): void;
}
