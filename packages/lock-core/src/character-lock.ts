import type { Claimant, LoginIds, Owner, Told } from "./machine.ts";

/*
 * The character lock says which server may change the character of an account: a char-server while the client
 * chooses, then a map-server. There is one such lock for each account and world, in the char tier. The lock
 * has a `charId` after the client has chosen a character. The lock's owner also needs the account lock, so a
 * move that frees the character lock also releases the account lock.
 */

export interface Common extends LoginIds {
  readonly accountFence: number;
}
export interface Choosing extends Common {
  readonly state: "choosing";
  readonly owner: Owner;
}
/** The client left its map-server and is on the way back to character select. */
export interface Returning extends Common {
  readonly state: "returning";
  readonly owner: Owner;
}
export interface HandingOver extends Common {
  readonly state: "handing-over";
  readonly owner: Owner;
  readonly charId: number;
  readonly target: Owner;
}
export interface OnMap extends Common {
  readonly owner: Owner;
  readonly charId: number;
  readonly charFence: number;
}
export interface Entering extends OnMap {
  readonly state: "entering";
}
export interface Playing extends OnMap {
  readonly state: "playing";
}
/**
 * The map-server asked to pass the character to `target`. This map-server stays the owner until `target`
 * acknowledges the character.
 */
export interface Hopping extends OnMap {
  readonly state: "hopping";
  readonly target: Owner;
}
export interface Evicting extends OnMap {
  readonly state: "evicting";
  /** Absent: an earlier version evicted the character, usually for a second login. */
  readonly told?: Told;
}
/**
 * The store lost its locks, and it has no such lock. An owner may still restore it. In the store this lock is
 * free, so only a decision sees this state.
 */
export interface Unrestored {
  readonly state: "unrestored";
}
export type CharacterLock =
  | { readonly state: "free" }
  | Choosing
  | Returning
  | HandingOver
  | Entering
  | Playing
  | Hopping
  | Evicting;

/**
 * A command can arrive late: the account may have logged in again, or may play a different character by then.
 * So each command names the login by its login_id1, or the character by its id and fence. Each character has
 * its own fences.
 */
export type CharacterCommand =
  /**
   * A client whose account lock is held shows its ids at the char-server. `isAgain`: this char-server had the
   * lock, and the store lost it.
   */
  | ({
      readonly type: "open";
      readonly owner: Owner;
      readonly accountFence: number;
      readonly isAgain?: true;
    } & LoginIds)
  /** The client is still connected and choosing. */
  | { readonly type: "renew"; readonly owner: Owner }
  | {
      readonly type: "choose";
      readonly owner: Owner;
      readonly loginId1: number;
      readonly charId: number;
      readonly target: Owner;
    }
  /** A map-server sends this command when its client steps onto a map that `target` hosts. */
  | {
      readonly type: "hop";
      readonly owner: Owner;
      readonly charId: number;
      readonly charFence: number;
      readonly target: Owner;
    }
  /** The map-server `owner` has taken the character that was offered to it. */
  | {
      readonly type: "acknowledge";
      readonly owner: Owner;
      readonly loginId1: number;
      readonly charId: number;
      readonly charFence: number;
    }
  /** The map-server `target` declined or did not answer. */
  | { readonly type: "decline"; readonly target: Owner; readonly loginId1: number; readonly charId: number }
  /** The client showed account_id, char_id, login_id1 and sex at the map-server. */
  | {
      readonly type: "enter";
      readonly owner: Owner;
      readonly charId: number;
      readonly charFence: number;
      readonly loginId1: number;
    }
  /** The map-server `from` has saved the character. The client goes back to character select at `owner`. */
  | {
      readonly type: "return";
      readonly from: Owner;
      readonly charId: number;
      readonly charFence: number;
      readonly owner: Owner;
    }
  | { readonly type: "abandon"; readonly owner: Owner; readonly loginId1: number }
  /** The map-server has saved the character and has taken it off the map. */
  | { readonly type: "leave"; readonly owner: Owner; readonly charId: number; readonly charFence: number }
  | { readonly type: "evict"; readonly told?: Told }
  /** A map-server that came back still has the character. */
  | {
      readonly type: "reclaim";
      readonly owner: Claimant;
      readonly charId: number;
      readonly charFence: number;
      readonly loginId1: number;
    }
  | { readonly type: "forfeit"; readonly owner: Owner }
  | { readonly type: "expire" };

export type CharacterEffect =
  /** The character lock is free, so the account lock is no longer needed. */
  | { readonly type: "release-account"; readonly loginId1: number }
  /** Disconnect the client from the char-server. */
  | { readonly type: "kick-client"; readonly loginId1: number }
  /** Ask the map-server to disconnect the client, save the character, and release the lock. */
  | {
      readonly type: "kick";
      readonly owner: Owner;
      readonly charId: number;
      readonly charFence: number;
      readonly told?: Told;
    }
  /** If the map-server is still connected, tell it that it lost the lock. */
  | { readonly type: "lost"; readonly owner: Owner; readonly charId: number; readonly charFence: number };

export type CharacterRefusal =
  | "no-lock"
  | "already-choosing"
  | "on-a-map"
  | "not-on-a-map"
  | "second-choice"
  | "not-handing-over"
  | "hopping"
  | "not-entering"
  | "being-evicted"
  | "not-owner"
  | "ids-differ"
  | "stale-fence"
  | "too-late"
  | "not-due"
  /** The lock looks free, but its owner may still restore it. */
  | "being-restored";
