import type { CharacterSummary, GameEvent, World } from "@sallyport/sdk";
import type { Scene } from "../../protocol.ts";

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
      /** The names of the other players in view, by their ids: an actor that vanishes has no name any more. */
      readonly present: ReadonlyMap<number, string>;
      /** The person asked which rooms are open. The servers answer this as a refusal. */
      readonly listsRooms: boolean;
    }
  | { readonly at: "leaving" };

/** The state of a person on a map: after an arrival, or after a departure that was refused. */
export function playingIn(scene: Scene | null): Extract<LineState, { at: "playing" }> {
  const players = [...(scene?.actors.values() ?? [])].filter(({ kind }) => kind === "player");
  const present = new Map(players.map(({ charId, name }) => [charId, name]));
  return { at: "playing", dialogue: null, walksTo: null, present, listsRooms: false };
}
