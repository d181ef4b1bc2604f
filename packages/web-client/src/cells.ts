import { type Cell, type MapEntered, unitsPerCellOf } from "@sallyport/domain";

/*
 * A position is in the units of its map: in cells where the server walks characters, and in smaller units where
 * clients report where they are. A place is what is drawn: in cells, and it can be between two cells.
 */

type Ground = Pick<MapEntered, "width" | "height" | "cells" | "movement">;

const wall = 1;
export const warp = 2;

/** The kind of a cell. Cells outside the map are walls. */
export function cellAt({ width, height, cells }: Omit<Ground, "movement">, x: number, y: number): number {
  return x >= 0 && y >= 0 && x < width && y < height ? (cells[y * width + x] ?? wall) : wall;
}

export const isWalkable = (ground: Omit<Ground, "movement">, x: number, y: number): boolean =>
  cellAt(ground, x, y) !== wall;

export const isSame = (a: Cell, b: Cell): boolean => a.x === b.x && a.y === b.y;

type Moved = Pick<MapEntered, "movement">;

/** Where a position is drawn. The place of the middle of a cell is the cell. */
export function placeOf(of: Moved, { x, y }: Cell): Cell {
  const units = unitsPerCellOf(of);
  return { x: (x + 0.5) / units - 0.5, y: (y + 0.5) / units - 0.5 };
}

/** The position under a point of the map, which is in cells from the upper left corner of the map. */
export function positionUnder(of: Moved, { x, y }: Cell): Cell {
  const units = unitsPerCellOf(of);
  return { x: Math.floor(x * units), y: Math.floor(y * units) };
}

/** The nearest position on the map. */
export function within(ground: Pick<Ground, "width" | "height" | "movement">, { x, y }: Cell): Cell {
  const units = unitsPerCellOf(ground);
  const bound = (at: number, cells: number): number => Math.min(Math.max(at, 0), cells * units - 1);
  return { x: bound(x, ground.width), y: bound(y, ground.height) };
}
