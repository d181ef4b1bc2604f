import type { GameMoment } from "./account.ts";
import type { OthersHere } from "./others-here.ts";
import type { KeyMove, Spot } from "./said.ts";

/** A player in a room. Times are those of the monotonic clock, in milliseconds. */
export interface Playing {
  readonly at: "playing";
  readonly room: number;
  /** Where the client was last told that it is, or where it said that it is. */
  readonly stands: Spot;
  /** The place to which the client is on its way by itself. */
  readonly goesTo: ({ readonly room: number } & Spot) | null;
  readonly others: OthersHere;
  /** A key whose place the map-server judges now. Others learn of the key after that. */
  readonly judged: KeyMove | null;
  /** Whether the last command told of a key. Lost: the game refused that command as one too many. */
  readonly key: "none" | "told" | "lost";
  /** False if the game does not know the commands of `slime`. */
  readonly hasGame: boolean;
  /** How many messages were junk. */
  readonly strikes: number;
  readonly heardAtMs: number;
  /** When this end sent a ping that is unanswered. Null: there is none. */
  readonly pingedAtMs: number | null;
  readonly pingsAtMs: number;
  /** When the last lines of chat came. */
  readonly chatsAtMs: readonly number[];
  /** When it last went to other rooms. */
  readonly roomsAtMs: readonly number[];
  /** The time of day that the client knows. */
  readonly told: GameMoment;
}

export type SlimeState =
  | { readonly at: "start" }
  | { readonly at: "registering" }
  | { readonly at: "logging-in"; readonly name: string }
  /** A character is found or made. `names` are those that are left to try for a new one. */
  | { readonly at: "preparing"; readonly names: readonly string[] }
  | { readonly at: "entering" }
  | Playing
  | { readonly at: "leaving" };
