import type { LoginIds } from "../machine.ts";

/*
 * A login of an account at its char-server: whether this char-server has the account lock, and for which
 * client. The tables of the locks say what the stores know. This table says what the char-server knows, which
 * may be older, and what it does next. There is one such state for each login, because a newer login may ask
 * for the account while an older one still has a client or a character here.
 */

/** The account lock as the login-server granted it. */
export interface GrantedAccount extends LoginIds {
  readonly accountFence: number;
  readonly trace: string;
}

/** A number that the char-server gives to each entry of a client. Answers about the entry name it. */
type Visit = number;

export interface Absent {
  readonly state: "absent";
}
/** A client waits for the answer of the login-server. */
export interface Asking {
  readonly state: "asking";
  readonly visit: Visit;
  /** False: the client has left or was kicked. The answer is still to come. */
  readonly isThere: boolean;
  /** True: this login may have had the account lock before it asked. */
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
  /** The client that was sent to the map-server, while it is still connected here. */
  readonly visit: Visit | null;
  readonly account: GrantedAccount;
}
export interface Releasing {
  readonly state: "releasing";
  readonly request: number;
  readonly account: GrantedAccount | null;
}
/**
 * The account lock may be held without a reason. A look at the character lock tells whether it has to be
 * given back.
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
  /** The character lock was refused. `lock` is that of the owner who has it, and null if it is free. */
  | ({
      readonly type: "not-opened";
      readonly refusal: string;
      readonly lock: { readonly loginId1: number; readonly accountFence: number } | null;
    } & OfVisit)
  /** The lock store did not answer, or its locks are being restored. */
  | ({ readonly type: "open-unanswered"; readonly retryAfterMs: number } & OfVisit)
  /** A choice has arrived. Earlier commands of the client may still be at work. */
  | ({ readonly type: "choice" } & OfVisit)
  /** The char-server begins to carry a choice out. */
  | ({ readonly type: "hand-over" } & OfVisit)
  | ({ readonly type: "handed-over" } & OfVisit)
  /** The choice was refused, so the client may choose again. */
  | ({ readonly type: "declined" } & OfVisit)
  /** A store answered that another login has the account or its character. */
  | ({ readonly type: "disowned" } & OfVisit)
  | ({ readonly type: "gone" } & OfVisit)
  /** The login-server wants the account back, and no character lock of this login was found. */
  | { readonly type: "kick"; readonly reason: string }
  /** An effect of the character lock. */
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
  /** Whose the character lock is. */
  | { readonly type: "seen"; readonly lock: "ours" | "free" | "another's" };

export type AccountOwnerEffect =
  | ({ readonly type: "ask-hold"; readonly ids: LoginIds } & OfVisit)
  | { readonly type: "ask-release"; readonly request: number }
  | ({ readonly type: "open"; readonly account: GrantedAccount } & OfVisit)
  /** Opens the character lock again, which the lock store has lost. */
  | { readonly type: "open-again"; readonly account: GrantedAccount }
  | ({ readonly type: "admit"; readonly account: GrantedAccount } & OfVisit)
  | ({
      readonly type: "refuse";
      readonly refusal: "not-logged-in" | "already-online" | "unavailable";
      readonly retryAfterMs?: number;
      /** The login that has the character lock, and has to leave before the client is answered. */
      readonly evicts?: number;
    } & OfVisit)
  /** Tells the client why, and disconnects it. */
  | ({ readonly type: "kick"; readonly reason: string } & OfVisit)
  /** Frees the character lock, if this char-server has it for this login. */
  | { readonly type: "abandon" }
  /** Makes this login leave, wherever its character is. */
  | { readonly type: "evict"; readonly reason: string }
  /** Reads the character lock soon, and reports it as `seen`. */
  | { readonly type: "look" };

/** Why an event changes nothing. */
export type AccountOwnerRefusal =
  /** Another client of this login is on its way in, or the account is being given back: ask again later. */
  | "busy"
  /** The answer belongs to an entry or a request that has ended. */
  | "late"
  | "nobody-here"
  | "nothing-held"
  | "not-choosing"
  | "being-released";

/** What a step may know beside its event. */
export interface AtCharServer {
  /**
   * The lock store has lost its locks, and their owners put them back. A lock that looks free may still have
   * an owner.
   */
  readonly isRestoring: boolean;
  /** False: there is no link to the login-server. */
  readonly isLinked: boolean;
  /** Names the request that this step begins, if it begins one. */
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

/** Whether this login has the account, as far as the char-server knows. */
export const owns = ({ state }: AccountOwner): boolean => owning[state];

/** Whether this login may have the account lock here, and does not give it back. */
export const mayHold = (owner: AccountOwner): boolean =>
  owns(owner) || owner.state === "unknown" || (owner.state === "asking" && owner.mayHold);
