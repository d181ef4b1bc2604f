import { type CallWatch, type Game, loadState, type MapInfo, misfitObjects } from "@sallyport/game-core";
import type { Player } from "../player.ts";

/** Says which object of a map, or which of the players, does not fit the game. Null if all of them fit. */
export function misfitAmong(
  { maps, players }: { readonly maps: Iterable<MapInfo>; readonly players: Iterable<Player> },
  game: Game,
  calls: CallWatch | undefined,
): string | null {
  for (const map of maps) {
    const [misfit] = misfitObjects(game, map, calls);
    if (misfit !== undefined) return misfit;
  }
  for (const { name, attributes } of players) {
    const loading = loadState(game, attributes, calls);
    if (!loading.ok) return `The character ${name} is here and does not fit: ${loading.reason}`;
  }
  return null;
}
