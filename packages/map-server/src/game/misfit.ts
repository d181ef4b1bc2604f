import { type Game, loadState } from "@sallyport/game-core";
import type { Player } from "../player.ts";

/** Says which of the players does not fit the game. Null if all of them fit. */
export function misfitAmong(players: Iterable<Player>, game: Game): string | null {
  for (const { name, attributes } of players) {
    const loading = loadState(game, attributes);
    if (!loading.ok) return `The character ${name} is here and does not fit: ${loading.reason}`;
  }
  return null;
}
