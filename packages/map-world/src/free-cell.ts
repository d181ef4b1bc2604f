import { distanceCells } from "@sallyport/domain";
import type { Cell, GridMap } from "./grid-map.ts";

/** A new actor can get a cell that is at most this many cells away from the requested cell. */
const spreadCells = 3;

const neighbours = [
  ...([
    [1, 0],
    [0, 1],
    [-1, 0],
    [0, -1],
  ] as const),
  ...([
    [1, 1],
    [-1, 1],
    [-1, -1],
    [1, -1],
  ] as const),
];

/**
 * Returns the nearest free cell that an actor can reach without crossing a wall or a warp. Returns `cell` if
 * there is no free cell. `actorsNear` returns the cells of the actors around `cell`.
 */
export function freeCellNear(
  map: GridMap,
  cell: Cell,
  actorsNear: (reachCells: number) => readonly Cell[],
): Cell {
  const keyOf = ({ x, y }: Cell): number => y * map.width + x;
  const taken = new Set(actorsNear(spreadCells).map(keyOf));
  const seen = new Set([keyOf(cell)]);
  const queue = [{ x: cell.x, y: cell.y }];
  for (const from of queue) {
    if (!taken.has(keyOf(from))) return from;
    for (const [dx, dy] of neighbours) {
      const to = { x: from.x + dx, y: from.y + dy };
      const isFloor = map.isWalkable(to.x, to.y) && map.warpAt(to.x, to.y) === undefined;
      if (!isFloor || seen.has(keyOf(to)) || distanceCells(cell, to) > spreadCells) continue;
      seen.add(keyOf(to));
      queue.push(to);
    }
  }
  return { x: cell.x, y: cell.y };
}
