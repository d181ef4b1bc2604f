import type { AccountId, CharId, Fence, Sex } from "./ids.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** A cell of a map. `x` grows to the east, `y` to the south, both from 0. */
export interface Position {
  readonly map: string;
  readonly x: number;
  readonly y: number;
}

/** Of a name of 23 code points, in UTF-16 units. */
export const characterNameUnitsMax = 46;

/** Chosen when a character is made, by clients that can draw it; unsigned 16 bit each. */
export interface Looks {
  readonly hairStyle: number;
  readonly hairColour: number;
}
export const plainLooks: Looks = { hairStyle: 1, hairColour: 0 };

/** What a client sees of a character before choosing it. */
export interface CharacterSummary {
  readonly charId: CharId;
  /** 0-based place in the list of the account. */
  readonly slot: number;
  readonly name: string;
  readonly looks: Looks;
  readonly position: Position;
  /** Seconds since 1970 from which it may be deleted, unsigned 32 bit; absent: its deletion is not reserved. */
  readonly deleteAfterS?: number;
}

/** What a map-server is handed, and hands back. */
export interface CharacterState {
  readonly position: Position;
  /** Game data, opaque to the cluster. */
  readonly attributes: JsonObject;
}

export interface Character extends CharacterSummary, CharacterState {
  readonly accountId: AccountId;
  readonly sex: Sex;
}

/** A character as loaded by its new owner: the fence was raised in the same statement. */
export interface OwnedCharacter extends Character {
  readonly fence: Fence;
}
