import type { CharacterSummary, GameEvent, World } from "@sallyport/sdk";

type Goods = Extract<GameEvent, { type: "shop.offered" }>["goods"];

/** What an actor says and offers, until its next words. */
export interface Dialogue {
  readonly actor: number;
  readonly choices: readonly string[];
  readonly goods: Goods;
  /** The actor waits for `next`. */
  readonly isPaused: boolean;
}

export type LineState =
  | { readonly at: "name" }
  | { readonly at: "password"; readonly name: string }
  | { readonly at: "new-name" }
  | { readonly at: "new-password"; readonly name: string }
  | { readonly at: "registering"; readonly name: string; readonly password: string }
  /** The servers take new accounts only with an invitation. */
  | { readonly at: "invitation"; readonly name: string; readonly password: string }
  /** The servers are asked to log in, or to enter a world. */
  | { readonly at: "entering" }
  | { readonly at: "worlds"; readonly worlds: readonly World[] }
  | {
      readonly at: "characters";
      readonly characters: readonly CharacterSummary[];
      readonly slotCount: number;
    }
  | {
      readonly at: "playing";
      readonly dialogue: Dialogue | null;
      /** Where a walk leads that is under way. */
      readonly walksTo: { readonly x: number; readonly y: number } | null;
    }
  | { readonly at: "leaving" };

export const playing = { at: "playing", dialogue: null, walksTo: null } as const;
