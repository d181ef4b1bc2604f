import type { Claimant, LoginIds, Owner } from "./machine.ts";

/*
 * Who may change the character of an account: its char-server while the client chooses, then a map-server. One lock
 * an account and world, in the char tier; `charId` is there once one was chosen. Owning it implies owning the
 * account lock, so whatever frees it also releases that.
 */

/** By which the lock store knows it. */
export const characterLockKey = (accountId: number): string => `character:${accountId}`;

export interface Common extends LoginIds {
  readonly accountFence: number;
}
export interface Choosing extends Common {
  readonly state: "choosing";
  readonly owner: Owner;
  readonly deadlineMs: number;
}
/** The client left its map-server and is on the way back to character select. */
export interface Returning extends Common {
  readonly state: "returning";
  readonly owner: Owner;
  readonly deadlineMs: number;
}
export interface HandingOver extends Common {
  readonly state: "handing-over";
  readonly owner: Owner;
  readonly charId: number;
  readonly target: Owner;
  readonly deadlineMs: number;
}
export interface OnMap extends Common {
  readonly owner: Owner;
  readonly charId: number;
  readonly charFence: number;
}
export interface Entering extends OnMap {
  readonly state: "entering";
  readonly deadlineMs: number;
}
export interface Playing extends OnMap {
  readonly state: "playing";
}
/** Its map-server asked to pass it on to another, `target`, and owns it until that one has it. */
export interface Hopping extends OnMap {
  readonly state: "hopping";
  readonly target: Owner;
  readonly deadlineMs: number;
}
export interface Evicting extends OnMap {
  readonly state: "evicting";
  readonly deadlineMs: number;
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
 * A command may come late, when the account has logged in again or plays another character. So each names what it
 * is about: the login by login_id1, a character by its id and fence (each character counts its own).
 */
export type CharacterCommand =
  /** A client whose account lock is held shows its ids at the char-server. */
  | ({ readonly type: "open"; readonly owner: Owner; readonly accountFence: number } & LoginIds)
  /** The client is still there, choosing. */
  | { readonly type: "renew"; readonly owner: Owner }
  | {
      readonly type: "choose";
      readonly owner: Owner;
      readonly loginId1: number;
      readonly charId: number;
      readonly target: Owner;
    }
  /** By a map-server: its client steps onto a map of `target`'s. */
  | {
      readonly type: "hop";
      readonly owner: Owner;
      readonly charId: number;
      readonly charFence: number;
      readonly target: Owner;
    }
  /** The map-server that it was meant for took the character over. */
  | {
      readonly type: "acknowledge";
      readonly owner: Owner;
      readonly loginId1: number;
      readonly charId: number;
      readonly charFence: number;
    }
  /** It said no, or nothing. */
  | { readonly type: "decline"; readonly target: Owner; readonly loginId1: number; readonly charId: number }
  /** The client showed account_id, char_id, login_id1 and sex at the map-server. */
  | {
      readonly type: "enter";
      readonly owner: Owner;
      readonly charId: number;
      readonly charFence: number;
      readonly loginId1: number;
    }
  /** Saved; the client goes back to character select, to `owner`. */
  | {
      readonly type: "return";
      readonly from: Owner;
      readonly charId: number;
      readonly charFence: number;
      readonly owner: Owner;
    }
  /** By the char-server, of what it owns itself. */
  | { readonly type: "abandon"; readonly owner: Owner; readonly loginId1: number }
  /** By a map-server: saved, and gone. */
  | { readonly type: "leave"; readonly owner: Owner; readonly charId: number; readonly charFence: number }
  | { readonly type: "evict" }
  /** A map-server that came back has it still. */
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
  /** The account lock was implied by this one, and is not needed any more. */
  | { readonly type: "release-account"; readonly loginId1: number }
  /** Disconnect the client from the char-server. */
  | { readonly type: "kick-client"; readonly loginId1: number }
  /** Ask the map-server to disconnect the client, save, and release. */
  | { readonly type: "kick"; readonly owner: Owner; readonly charId: number; readonly charFence: number }
  /** Tell the map-server, should it still be there, that it lost the lock. */
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
  | "not-due";
