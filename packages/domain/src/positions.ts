import type { Cell, MapEntered } from "./doors.ts";

/*
 * A position is in the units of its map: in cells where the server walks the characters, and in smaller units where
 * clients report where they are.
 */

/** 1 where the server walks the characters: there a position is a cell. */
export const unitsPerCellOf = ({ movement }: Pick<MapEntered, "movement">): number =>
  movement?.unitsPerCell ?? 1;

/** The cell of a position. */
export const cellOf = ({ x, y }: Cell, unitsPerCell: number): Cell => ({
  x: Math.floor(x / unitsPerCell),
  y: Math.floor(y / unitsPerCell),
});

/** The number of steps between two cells without walls. A diagonal step counts as one. */
export const distanceCells = (from: Cell, to: Cell): number =>
  Math.max(Math.abs(from.x - to.x), Math.abs(from.y - to.y));

/** The position in the middle of a cell. */
export function middleOf({ x, y }: Cell, unitsPerCell: number): Cell {
  const middle = Math.floor(unitsPerCell / 2);
  return { x: x * unitsPerCell + middle, y: y * unitsPerCell + middle };
}
