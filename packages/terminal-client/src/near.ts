import type { CharId } from "@sallyport/domain";
import type { Actor } from "@sallyport/sdk";
import { distanceOf } from "./cells.ts";
import type { Command, MapScreen } from "./state.ts";

/** The nearest first. */
export const byDistance = ({ actors, position }: MapScreen): readonly Actor[] =>
  [...actors.values()].sort(
    (a, b) => distanceOf(a, position) - distanceOf(b, position) || a.charId - b.charId,
  );

const others = (screen: MapScreen): readonly Actor[] =>
  byDistance(screen).filter(({ kind }) => kind !== "player");

/** The actor that the player means: the one it chose, or the nearest one that is no player. */
export function meantActor(screen: MapScreen): Actor | undefined {
  const chosen = screen.chosen === null ? undefined : screen.actors.get(screen.chosen);
  return chosen ?? others(screen)[0];
}

/** The actor after the one that is meant. Players are left out. */
export function nextActor(screen: MapScreen): CharId | null {
  const all = others(screen);
  const at = screen.chosen === null ? -1 : all.findIndex(({ charId }) => charId === screen.chosen);
  return all[(at + 1) % Math.max(1, all.length)]?.charId ?? null;
}

/** Picks up an item, and clicks on all others. */
export const actOn = ({ kind, charId: actor, name }: Actor): Command =>
  kind === "item" ? { type: "take", actor, name } : { type: "click", actor };
