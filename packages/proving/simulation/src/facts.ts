import type { Fault } from "./plan.ts";
import type { LockTier } from "./simulated-stores.ts";

/** A lock as it is stored, of any kind. */
export interface StoredLock {
  readonly state: string;
  readonly owner?: { readonly server: string; readonly incarnation: string };
  /** Of a character: the map-server that it is on the way to. */
  readonly target?: { readonly server: string };
  readonly incarnation?: string;
  readonly loginId1?: number;
  readonly fence?: number;
  readonly accountFence?: number;
  readonly charId?: number;
  readonly charFence?: number;
  readonly deadlineMs?: number;
  /** Of a server: its lives before this one of which it may still reclaim something, and until when. */
  readonly earlier?: readonly string[];
  readonly reclaimDeadlineMs?: number;
}

/** Of a server lock. */
export const livesOf = (lock: StoredLock | null): readonly string[] =>
  lock?.incarnation === undefined ? [] : [lock.incarnation, ...(lock.earlier ?? [])];

/** What messages to and from servers say, as far as anybody here looks at it. */
export interface SaidMessage {
  readonly type: string;
  readonly accountId?: number;
  readonly loginId1?: number;
  readonly charId?: number;
  readonly charFence?: number;
  /** Of an account. */
  readonly name?: string;
  /** For which a client has to go. */
  readonly reason?: string;
  /** Where somebody leaves to. */
  readonly to?: string;
  /** JSON. */
  readonly attributes?: string;
  readonly saved?: { readonly attributes: string } | null;
}

/** What happened, as seen from outside the servers: in their stores, on their wires, by their game rules. */
export type Fact =
  | {
      readonly type: "lock-changed";
      /** The server that did it. */
      readonly life: string;
      readonly tier: LockTier;
      readonly key: string;
      readonly before: StoredLock | null;
      readonly after: StoredLock | null;
      /** The version that the writer had read, and the one that it overwrote. */
      readonly expected: number;
      readonly overwritten: number;
      /** On the store's clock: the latest that it has ever shown, for who decided may have read it before it was set back. */
      readonly storeMs: number;
      /** The same of every tier's store. */
      readonly tiersMs: { readonly [T in LockTier]: number };
    }
  /** A lock store has these now, and no others: it lost what it kept, or its newest changes. */
  | {
      readonly type: "locks-lost";
      readonly tier: LockTier;
      /** False: nobody has noticed yet that it is older. */
      readonly isAll: boolean;
      readonly locks: readonly (readonly [key: string, lock: StoredLock])[];
    }
  | { readonly type: "account-raised"; readonly accountId: number; readonly fence: number }
  /** A login-server is about to raise its fence, or to note a login. */
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
      /** Raised in the same statement; of these nobody may be saved under an older one. */
      readonly all: readonly number[];
    }
  | { readonly type: "passed"; readonly charId: number; readonly fence: number }
  /** The database was asked to save, and did, or has something newer of the same owner; or refused. */
  | {
      readonly type: "saved";
      readonly charId: number;
      readonly fence: number;
      readonly isAccepted: boolean;
      /** Of what is stored then. */
      readonly steps: number;
    }
  | { readonly type: "created"; readonly charId: number; readonly accountId: number }
  | { readonly type: "deleted"; readonly charId: number; readonly accountId: number }
  /** A frame was handed to a channel. `life` sent it. */
  | {
      readonly type: "said";
      readonly life: string;
      readonly to: string;
      readonly channel: number;
      readonly kind: "request" | "notice";
      readonly correlationId: number;
      /** For which an answer is waited for. */
      readonly ttlMs: number;
      readonly message: SaidMessage;
    }
  | {
      readonly type: "answered";
      readonly life: string;
      readonly to: string;
      readonly channel: number;
      readonly correlationId: number;
      /** Null: it was done. */
      readonly refusal: string | null;
      readonly request: SaidMessage;
      /** That a login was given. */
      readonly loginId1: number | null;
      /** Whether the lock of a character that leaves was given back; null: something else was asked. */
      readonly isReleased: boolean | null;
    }
  /** `by` null: cut on its way. Not told: one end is gone, and the other does not know. */
  | {
      readonly type: "channel-over";
      readonly channel: number;
      readonly by: string | null;
      readonly isTold: boolean;
    }
  /** This process knows that it is over. */
  | { readonly type: "channel-heard"; readonly channel: number; readonly life: string }
  | { readonly type: "started"; readonly life: string }
  | { readonly type: "died"; readonly life: string }
  /** What the directory answered a gateway: the servers that it may lead clients to. */
  | {
      readonly type: "gateway-told";
      readonly life: string;
      readonly servers: readonly { readonly server: string; readonly isDraining: boolean }[];
    }
  /** A client connected to a gateway, by the stream of that number. */
  | { readonly type: "gateway-opened"; readonly life: string; readonly client: number }
  /** A gateway connects to a server for that client. */
  | {
      readonly type: "gateway-tries";
      readonly life: string;
      readonly client: number;
      readonly server: string;
    }
  /** And the server takes the connection, by a stream of that number. */
  | {
      readonly type: "gateway-joined";
      readonly life: string;
      readonly client: number;
      readonly channel: number;
      readonly server: string;
    }
  /** A gateway has closed its end of a stream, or heard that the other end has. */
  | { readonly type: "gateway-ended"; readonly life: string; readonly channel: number }
  /** From now on it takes nobody new. */
  | { readonly type: "gateway-drains"; readonly life: string }
  /** Sent on a stream of a gateway, as it was sent. */
  | { readonly type: "chunk"; readonly channel: number; readonly life: string; readonly bytes: Uint8Array }
  /** One that was planned, as it takes effect. */
  | { readonly type: "struck"; readonly fault: Fault }
  /** The database takes that long for one. */
  | { readonly type: "slow-statement"; readonly takesMs: number }
  /** On the way from one server to another that it is not linked to. */
  | { readonly type: "hint-lost" }
  /** Nothing is wrong any more, and all servers are up. */
  | { readonly type: "healed" }
  /** Since then all timers have run out, and nobody has logged in. */
  | {
      readonly type: "settled";
      readonly locks: readonly { readonly tier: LockTier; readonly key: string; readonly lock: StoredLock }[];
    }
  /** Game rules counted a step of a character on this map-server. */
  | { readonly type: "stepped"; readonly life: string; readonly charId: number; readonly steps: number }
  | { readonly type: "bug"; readonly life: string; readonly error: unknown }
  /** A client got an answer to something that it asked. */
  | {
      readonly type: "client-answered";
      readonly life: string;
      readonly command: string;
      readonly refusal: string | null;
    }
  /** A client got its list of characters, which it asked for then. */
  | {
      readonly type: "client-listed";
      readonly accountId: number;
      readonly world: string;
      readonly charIds: readonly number[];
      readonly askedMs: number;
    }
  /** A client was told that a character was made, or is gone. */
  | {
      readonly type: "client-created";
      readonly accountId: number;
      readonly world: string;
      readonly charId: number;
    }
  | { readonly type: "client-deleted"; readonly charId: number }
  /** A client wishes a character to be gone; how often it says so is its own business. */
  | { readonly type: "client-wishes-deletion"; readonly charId: number }
  /** A client was told that its account was made; or that nobody has that name with that password. */
  | { readonly type: "client-registered"; readonly name: string }
  | {
      readonly type: "client-unknown";
      readonly name: string;
      readonly isPasswordRight: boolean;
      /** When its login began. */
      readonly askedMs: number;
    }
  /** A client was told that its character is saved and has left; it saw itself step so often since `steps`. */
  | { readonly type: "client-left"; readonly charId: number; readonly stepsAtLeast: number };

export interface Observer {
  see(fact: Fact, nowMs: number): void;
}
