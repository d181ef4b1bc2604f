import { type Cell, cellOf } from "@sallyport/domain";
import type { Sight } from "./shared-packets.ts";

/* Ragnarok clients know only cells, also on a map on which other clients report where they are. */

const known = new WeakMap<Sight, Sight>();

/** Returns the sight with all positions in cells. It is one object for all clients on the map. */
export function inCells<S extends Sight>(sight: S, unitsPerCell: number): S {
  if (unitsPerCell === 1 || !("path" in sight)) return sight;
  let shown = known.get(sight);
  if (shown === undefined) {
    const path = sight.path.map((position) => cellOf(position, unitsPerCell));
    const cameFrom = "cameFrom" in sight && sight.cameFrom !== null && cellOf(sight.cameFrom, unitsPerCell);
    shown = { ...sight, ...cellOf(sight, unitsPerCell), path, ...(cameFrom && { cameFrom }) };
    known.set(sight, shown);
  }
  return shown as S;
}

/** True for a walk whose cells are all the same. It was a short way within a cell. */
export const isWithinCell = ({ x, y, path }: Cell & { readonly path: readonly Cell[] }): boolean =>
  path.length > 0 && path.every((cell) => cell.x === x && cell.y === y);
