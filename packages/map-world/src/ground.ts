import { cellOf, distanceCells, middleOf as middleInUnits } from "@sallyport/domain";
import { type Cell, type GridMap, isWithin } from "./grid-map.ts";
import { PathFinder } from "./path.ts";
import type { ReportBounds } from "./reports.ts";

/**
 * How actors move on a map. A position is in the units of the map: in cells on a map on which players walk,
 * and in smaller units on a map on which clients report where they are.
 */
export interface Ground {
  cellOf(position: Cell): Cell;
  /** Returns the position in the middle of a cell. */
  middleOf(cell: Cell): Cell;
  /** Whether an actor can enter at this position. */
  isPlace(position: Cell): boolean;
  /**
   * Returns the positions of a walk, one for each step, without `from`. Null if there is no way, or if the
   * way is too long.
   */
  pathTo(from: Cell, to: Cell): Cell[] | null;
  /** Null if clients cannot report positions. */
  readonly reports: ReportBounds | null;
}

/** Returns the position in the middle of a cell, in the units of the map. */
export const middleOf = ({ movement }: Pick<GridMap, "movement">, cell: Cell): Cell =>
  middleInUnits(cell, movement.kind === "walked" ? 1 : movement.unitsPerCell);

export function groundOf(map: GridMap, pathStepsMax: number): Ground {
  return map.movement.kind === "walked"
    ? walkedGround(map, pathStepsMax)
    : reportedGround(map, map.movement, pathStepsMax);
}

function walkedGround(map: GridMap, stepsMax: number): Ground {
  const finder = new PathFinder(map, { stepsMax });
  return {
    cellOf: (position) => position,
    middleOf: (cell) => middleOf(map, cell),
    isPlace: ({ x, y }) => map.isWalkable(x, y),
    pathTo: (from, to) => finder.find(from, to),
    reports: null,
  };
}

/** Clients move their players freely, so walls do not count. The server itself walks in straight lines. */
function reportedGround(
  map: GridMap,
  { unitsPerCell, greatestSpeed }: { readonly unitsPerCell: number; readonly greatestSpeed: number },
  stepsMax: number,
): Ground {
  const size = { width: map.width * unitsPerCell, height: map.height * unitsPerCell };
  const isPlace = ({ x, y }: Cell): boolean => isWithin(x, y, size);
  return {
    cellOf: (position) => cellOf(position, unitsPerCell),
    middleOf: (cell) => middleOf(map, cell),
    isPlace,
    pathTo: (from, to) => {
      const steps = Math.ceil(distanceCells(from, to) / unitsPerCell);
      return isPlace(to) && steps <= stepsMax ? straight(from, to, steps) : null;
    },
    reports: { ...size, greatestSpeed },
  };
}

const straight = (from: Cell, to: Cell, steps: number): Cell[] =>
  Array.from({ length: steps }, (_, nth) => {
    const part = (nth + 1) / steps;
    const [dx, dy] = [(to.x - from.x) * part, (to.y - from.y) * part];
    return { x: Math.round(from.x + dx), y: Math.round(from.y + dy) };
  });
