import { type Cell, type CharId, cellOf, distanceCells, unitsPerCellOf } from "@sallyport/domain";
import type { Actor } from "@sallyport/sdk";
import type { Command, MapScreen } from "./state.ts";

/** In cells, from the player. */
export const distanceTo = ({ place, position }: MapScreen, at: Cell): number =>
  distanceCells(cellOf(at, unitsPerCellOf(place)), cellOf(position, unitsPerCellOf(place)));

/** The nearest first. */
export const byDistance = (screen: MapScreen): readonly Actor[] =>
  [...screen.actors.values()].sort(
    (a, b) => distanceTo(screen, a) - distanceTo(screen, b) || a.charId - b.charId,
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
