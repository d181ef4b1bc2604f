import type { CharId } from "@sallyport/domain";
import type { GameMoment } from "./account.ts";
import type { Spot } from "./said.ts";

/** A player in a room. Times are those of the monotonic clock, in milliseconds. */
export interface Playing {
  readonly at: "playing";
  readonly room: number;
  /** Where the client was last told that it is, or where it said that it is. */
  readonly stands: Spot;
  /** The place to which the client is on its way by itself. */
  readonly goesTo: ({ readonly room: number } & Spot) | null;
  /** The numbers of the others in the room. */
  readonly pids: ReadonlyMap<CharId, number>;
  /** Those who tell of their keys. Nobody else's steps are keys, so they are told as places. */
  readonly byKeys: ReadonlySet<CharId>;
  /** False if the game does not know the commands of `slime`. */
  readonly hasGame: boolean;
  /** How many messages were junk. */
  readonly strikes: number;
  readonly heardAtMs: number;
  /** A ping of this end is unanswered since then. Null: none is. */
  readonly pingedAtMs: number | null;
  readonly pingsAtMs: number;
  /** When the last lines of chat came. */
  readonly chatsAtMs: readonly number[];
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

/** The number of the player itself, on its own connection. Others have numbers from 2. */
export const ownPid = 1;
const pidMax = 0xffff;

/** The least number that no other player has. Null if all are in use. */
export function freePid(pids: ReadonlyMap<CharId, number>): number | null {
  const taken = new Set(pids.values());
  for (let pid = ownPid + 1; pid <= pidMax; pid += 1) if (!taken.has(pid)) return pid;
  return null;
}
