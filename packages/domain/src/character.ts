import type { AccountId, CharId, Fence, Sex } from "./ids.ts";
import type { Standing } from "./roles.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
/** The bound for the attributes of a character as JSON, in UTF-16 units: what a save can hold. */
export const attributesCharsMax = 256 * 1024;
export type JsonObject = { readonly [key: string]: Json };

/** A cell of a map. `x` grows to the east, `y` to the south, both from 0. */
export interface Position {
  readonly map: string;
  readonly x: number;
  readonly y: number;
}

/** The bound for a character name, in UTF-16 units: room for 23 code points. */
export const characterNameUnitsMax = 46;

/** Unsigned 16-bit numbers. A client that can draw hair chooses them for a new character. */
export interface Looks {
  readonly hairStyle: number;
  readonly hairColour: number;
}
export const plainLooks: Looks = { hairStyle: 1, hairColour: 0 };

/** The part of a character that a client sees before it chooses one. */
export interface CharacterSummary {
  readonly charId: CharId;
  /** The place in the account's list of characters, from 0. */
  readonly slot: number;
  readonly name: string;
  readonly looks: Looks;
  readonly position: Position;
  /**
   * Deletion is allowed from this time: seconds since 1970, unsigned 32-bit. Absent if no deletion is
   * reserved.
   */
  readonly deleteAfterS?: number;
}

/**
 * The part of a character that changes in play. The char-server sends the state to a map-server, which sends
 * the state back in each save.
 */
export interface CharacterState {
  readonly position: Position;
  /** Game data, opaque to the cluster. */
  readonly attributes: JsonObject;
}

export interface Character extends CharacterSummary, CharacterState {
  readonly accountId: AccountId;
  readonly sex: Sex;
}

/** A character as its new owner loads it. The statement that loads the character also raises `fence`. */
export interface OwnedCharacter extends Character {
  readonly fence: Fence;
  /** Of the account. */
  readonly standing: Standing;
}
