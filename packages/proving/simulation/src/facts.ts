import type { Fault } from "./planned.ts";
import type { LockTier } from "./topology.ts";

/** A lock of any kind, as its store keeps it. */
export interface StoredLock {
  readonly state: string;
  readonly owner?: { readonly server: string; readonly incarnation: string };
  /** Character locks only: the map-server the character is on the way to. */
  readonly target?: { readonly server: string };
  readonly incarnation?: string;
  readonly loginId1?: number;
  readonly fence?: number;
  readonly accountFence?: number;
  readonly charId?: number;
  readonly charFence?: number;
  readonly deadlineMs?: number;
  /**
   * Server locks only: the earlier lives whose locks this life may still reclaim until `reclaimDeadlineMs`.
   */
  readonly earlier?: readonly string[];
  readonly reclaimDeadlineMs?: number;
}

export const storedLock = (value: string): StoredLock => JSON.parse(value);

/** The lives named by a server lock. */
export const livesOf = (lock: StoredLock | null): readonly string[] =>
  lock?.incarnation === undefined ? [] : [lock.incarnation, ...(lock.earlier ?? [])];

/** The fields of messages to and from servers that taps and checkers read. */
export interface SaidMessage {
  readonly type: string;
  readonly accountId?: number;
  readonly loginId1?: number;
  readonly charId?: number;
  readonly charFence?: number;
  /** The name of an account. */
  readonly name?: string;
  /** Why a client has to leave. */
  readonly reason?: string;
  /** The door that a client leaves for. */
  readonly to?: string;
  /** A JSON object. */
  readonly attributes?: string;
  readonly saved?: { readonly attributes: string } | null;
}

/** Something that happened, seen from outside the servers: in stores, on wires, in the game rules. */
export type Fact =
  | {
      readonly type: "lock-changed";
      /** The life of the server that changed the lock. */
      readonly life: string;
      readonly tier: LockTier;
      readonly key: string;
      readonly before: StoredLock | null;
      readonly after: StoredLock | null;
      /** The version that the writer had read, and the version that it overwrote. */
      readonly expected: number;
      readonly overwritten: number;
      /**
       * The latest time that the store's clock has ever shown. The writer may have read it before a fault set
       * the clock back.
       */
      readonly storeMs: number;
      /** The time of the store of each tier. */
      readonly tiersMs: { readonly [T in LockTier]: number };
    }
  /** A lock store lost everything or its newest changes. It now holds exactly these locks. */
  | {
      readonly type: "locks-lost";
      readonly tier: LockTier;
      /** False: the store went back to an older state, and no server has noticed yet. */
      readonly isAll: boolean;
      readonly locks: readonly (readonly [key: string, lock: StoredLock])[];
    }
  | { readonly type: "account-raised"; readonly accountId: number; readonly fence: number }
  /** A login-server is about to raise the account's fence or to note a login. */
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
      /** The characters whose fences this statement raised. The database must refuse older saves of each. */
      readonly all: readonly number[];
    }
  | { readonly type: "passed"; readonly charId: number; readonly fence: number }
  /**
   * The database answered a save. It also accepts a save when it already has a newer one from the same owner.
   */
  | {
      readonly type: "saved";
      readonly charId: number;
      readonly fence: number;
      readonly isAccepted: boolean;
      /** The steps that the database has afterwards. */
      readonly steps: number;
    }
  | { readonly type: "created"; readonly charId: number; readonly accountId: number }
  | { readonly type: "deleted"; readonly charId: number; readonly accountId: number }
  /** `life` sent a frame into a channel. */
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
      /** Null: the request was granted. */
      readonly refusal: string | null;
      readonly request: SaidMessage;
      /** The login id that a granted login got. */
      readonly loginId1: number | null;
      /** Whether a leaving character's lock was released; null: the request was of another kind. */
      readonly isReleased: boolean | null;
    }
  /** `by` null: the network cut the channel. `isTold` false: one end is gone and the other does not know. */
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
  /** The directory told a gateway to which servers it may lead clients. */
  | {
      readonly type: "gateway-told";
      readonly life: string;
      readonly servers: readonly { readonly server: string; readonly isDraining: boolean }[];
    }
  /** A client connected to a gateway; `client` is the number of its stream. */
  | { readonly type: "gateway-opened"; readonly life: string; readonly client: number }
  /** A gateway connects to a server for that client. */
  | {
      readonly type: "gateway-tries";
      readonly life: string;
      readonly client: number;
      readonly server: string;
    }
  /** The server accepted the gateway's connection; `channel` is the number of that stream. */
  | {
      readonly type: "gateway-joined";
      readonly life: string;
      readonly client: number;
      readonly channel: number;
      readonly server: string;
    }
  /** A gateway closed its end of a stream, or heard that the other end did. */
  | { readonly type: "gateway-ended"; readonly life: string; readonly channel: number }
  /** The gateway takes no new clients from now on. */
  | { readonly type: "gateway-drains"; readonly life: string }
  /** The bytes of one write to a stream of a gateway. */
  | { readonly type: "chunk"; readonly channel: number; readonly life: string; readonly bytes: Uint8Array }
  /** A planned fault takes effect. */
  | { readonly type: "struck"; readonly fault: Fault }
  /** One statement takes the database this long. */
  | { readonly type: "slow-statement"; readonly takesMs: number }
  /** A hint was lost on the way between two servers that have no link. */
  | { readonly type: "hint-lost" }
  /** No fault acts any more, and all servers are up. */
  | { readonly type: "healed" }
  /** All timers have run out since `healed`, and no client has logged in. */
  | {
      readonly type: "settled";
      readonly locks: readonly { readonly tier: LockTier; readonly key: string; readonly lock: StoredLock }[];
    }
  /** The game rules of this map-server counted a step of a character. */
  | { readonly type: "stepped"; readonly life: string; readonly charId: number; readonly steps: number }
  | { readonly type: "bug"; readonly life: string; readonly error: unknown }
  /** A client got an answer. */
  | {
      readonly type: "client-answered";
      readonly life: string;
      readonly command: string;
      readonly refusal: string | null;
    }
  /** A client got the list of characters that it had asked for. */
  | {
      readonly type: "client-listed";
      readonly accountId: number;
      readonly world: string;
      readonly charIds: readonly number[];
      readonly askedMs: number;
    }
  /** A client was told that a character exists now, or is gone. */
  | {
      readonly type: "client-created";
      readonly accountId: number;
      readonly world: string;
      readonly charId: number;
    }
  | { readonly type: "client-deleted"; readonly charId: number }
  /** A client wants a character deleted. It may say so several times. */
  | { readonly type: "client-wishes-deletion"; readonly charId: number }
  /** A client was told that its account exists now, or that its name and password match none. */
  | { readonly type: "client-registered"; readonly name: string }
  | {
      readonly type: "client-unknown";
      readonly name: string;
      readonly isPasswordRight: boolean;
      /** When the client's login began. */
      readonly askedMs: number;
    }
  /** A client was told that its character is saved and has left. The client saw at least this many steps. */
  | { readonly type: "client-left"; readonly charId: number; readonly stepsAtLeast: number };

export interface Observer {
  see(fact: Fact, nowMs: number): void;
}
