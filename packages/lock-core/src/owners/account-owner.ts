import type { LoginIds } from "../machine.ts";

/*
 * This is the state of one login at its char-server. It says whether the char-server has the account lock,
 * and for which client. The tables of the locks say what the stores know. This table says what the char-
 * server knows, which may be older, and what it does next. Each login has its own state, because a newer
 * login can ask for the account while an older login still has a client or a character here.
 */

/** The login-server granted the account lock with these values. */
export interface GrantedAccount extends LoginIds {
  readonly accountFence: number;
  readonly trace: string;
}

/** The char-server numbers each arrival of a client. An answer contains the number of its arrival. */
type Visit = number;

export interface Absent {
  readonly state: "absent";
}
/** A client waits for the answer of the login-server. */
export interface Asking {
  readonly state: "asking";
  readonly visit: Visit;
  /** False: the client has left or was kicked, but the login-server has not answered yet. */
  readonly isThere: boolean;
  /** True: this login may have had the account lock before it asked for the lock. */
  readonly mayHold: boolean;
  readonly account: GrantedAccount | null;
}
/** The account lock is held, and the character lock is being opened for a client. */
export interface Entering {
  readonly state: "entering";
  readonly visit: Visit;
  readonly isThere: boolean;
  readonly account: GrantedAccount;
}
export interface Choosing {
  readonly state: "choosing";
  readonly visit: Visit;
  /** True: a choice has arrived, and it was not refused. */
  readonly hasChosen: boolean;
  readonly account: GrantedAccount;
}
/** The character that the client chose is being handed to a map-server. */
export interface HandedOver {
  readonly state: "handed-over";
  readonly visit: Visit;
  readonly isThere: boolean;
  readonly account: GrantedAccount;
}
/** A map-server has the character, or the client is on its way back to character select. */
export interface OnMap {
  readonly state: "on-map";
  /** The client that was sent to the map-server. Null: it is no longer connected to this char-server. */
  readonly visit: Visit | null;
  readonly account: GrantedAccount;
}
export interface Releasing {
  readonly state: "releasing";
  readonly request: number;
  readonly account: GrantedAccount | null;
}
/**
 * This char-server may hold the account lock without a reason. It reads the character lock to find out
 * whether it has to release the account lock.
 */
export interface Unknown {
  readonly state: "unknown";
  /** Null: the login-server has not confirmed that the account lock is held. */
  readonly account: GrantedAccount | null;
}
export type AccountOwner = Absent | Asking | Entering | Choosing | HandedOver | OnMap | Releasing | Unknown;

export interface OfVisit {
  readonly visit: Visit;
}

export type AccountOwnerEvent =
  /** A client shows its login ids. */
  | ({ readonly type: "come"; readonly ids: LoginIds } & OfVisit)
  | ({ readonly type: "held"; readonly account: GrantedAccount } & OfVisit)
  /** The login-server does not know these login ids, or another char-server holds the account. */
  | ({ readonly type: "not-held" } & OfVisit)
  | ({ readonly type: "hold-unanswered" } & OfVisit)
  | ({ readonly type: "opened" } & OfVisit)
  /**
   * The character lock could not be opened. `lock` describes the lock's present owner. Null: the lock is
   * free.
   */
  | ({
      readonly type: "not-opened";
      readonly refusal: string;
      readonly lock: { readonly loginId1: number; readonly accountFence: number } | null;
    } & OfVisit)
  /** The lock store did not answer, or its locks are being restored. */
  | ({ readonly type: "open-unanswered"; readonly retryAfterMs: number } & OfVisit)
  /** The client has chosen a character. Its earlier commands may still be in progress. */
  | ({ readonly type: "choice" } & OfVisit)
  /** The char-server begins to hand the chosen character over. */
  | ({ readonly type: "hand-over" } & OfVisit)
  | ({ readonly type: "handed-over" } & OfVisit)
  /** The choice was refused, so the client may choose again. */
  | ({ readonly type: "declined" } & OfVisit)
  /** A store answered that another login has the account or its character. */
  | ({ readonly type: "disowned" } & OfVisit)
  | ({ readonly type: "gone" } & OfVisit)
  /** The login-server wants the account back, and no character lock of this login was found. */
  | { readonly type: "kick"; readonly reason: string }
  /** A change of the character lock requires that the client leaves. */
  | { readonly type: "kick-client"; readonly reason: string }
  /** The character lock of this login became free. */
  | { readonly type: "freed" }
  | { readonly type: "released"; readonly request: number }
  | { readonly type: "unreleased"; readonly request: number }
  /** The login-server confirms that this char-server has the account lock, after a lost link or lost locks. */
  | { readonly type: "reclaimed"; readonly account: GrantedAccount }
  /** This char-server no longer has the account lock. */
  | { readonly type: "lost"; readonly reason: string }
  /** The outcome of a change to the character lock is not known. */
  | { readonly type: "doubted" }
  /** The char-server has read the character lock. `lock` says who has it. */
  | { readonly type: "seen"; readonly lock: "ours" | "free" | "another's" };

export type AccountOwnerEffect =
  | ({ readonly type: "ask-hold"; readonly ids: LoginIds } & OfVisit)
  | { readonly type: "ask-release"; readonly request: number }
  | ({ readonly type: "open"; readonly account: GrantedAccount } & OfVisit)
  /** Opens the character lock again, because the lock store has lost it. */
  | { readonly type: "open-again"; readonly account: GrantedAccount }
  | ({ readonly type: "admit"; readonly account: GrantedAccount } & OfVisit)
  | ({
      readonly type: "refuse";
      readonly refusal: "not-logged-in" | "already-online" | "unavailable";
      readonly retryAfterMs?: number;
      /** This login has the character lock. It has to leave before the client is answered. */
      readonly evicts?: number;
    } & OfVisit)
  /** Tells the client why, and disconnects it. */
  | ({ readonly type: "kick"; readonly reason: string } & OfVisit)
  /** Frees the character lock, if this char-server has it for this login. */
  | { readonly type: "abandon" }
  /** Makes this login leave, wherever its character is. */
  | { readonly type: "evict"; readonly reason: string }
  /** Reads the character lock soon. The result arrives as the event `seen`. */
  | { readonly type: "look" };

/** An event that changes nothing gets one of these refusals. */
export type AccountOwnerRefusal =
  /** Another client of this login is entering, or the account is being released. The client can ask again. */
  | "busy"
  /** The answer belongs to a visit or a request that has ended. */
  | "late"
  | "nobody-here"
  | "nothing-held"
  | "not-choosing"
  | "being-released";

/** A step knows its event and these facts. */
export interface AtCharServer {
  /**
   * True: the lock store has lost its locks, and their owners are restoring them. A lock that looks free may
   * still have an owner.
   */
  readonly isRestoring: boolean;
  /** False: there is no link to the login-server. */
  readonly isLinked: boolean;
  /** If this step begins a request, the request gets this number. */
  readonly request: number;
}

const owning: { readonly [S in AccountOwner["state"]]: boolean } = {
  absent: false,
  asking: false,
  entering: true,
  choosing: true,
  "handed-over": true,
  "on-map": true,
  releasing: false,
  unknown: false,
};

/** Returns true if this login has the account, as far as the char-server knows. */
export const owns = ({ state }: AccountOwner): boolean => owning[state];

/** Returns true if this login has, or possibly has, the account lock and is not releasing it. */
export const mayHold = (owner: AccountOwner): boolean =>
  owns(owner) || owner.state === "unknown" || (owner.state === "asking" && owner.mayHold);
