import { type Cell, cellOf, distanceCells, type MapEntered, unitsPerCellOf } from "@sallyport/domain";
import { isWalkable, warp } from "./cells.ts";

/* What a player who does not see the map can be told about it. */

export const compass = [
  "north",
  "northeast",
  "east",
  "southeast",
  "south",
  "southwest",
  "west",
  "northwest",
] as const;
export type Direction = (typeof compass)[number];

/** Something near the player. `cells` is the distance. */
export interface Near {
  readonly direction: Direction;
  readonly cells: number;
}

/** `x,y` is the position of the player. */
export interface Surroundings extends Cell {
  readonly map: string;
  /** The directions in which the next cell is free. */
  readonly free: readonly Direction[];
  readonly warp: Near | null;
  readonly actors: readonly (Near & { readonly name: string })[];
}

const offsets: Readonly<Record<"north" | "east" | "south" | "west", readonly [number, number]>> = {
  north: [0, -1],
  east: [1, 0],
  south: [0, 1],
  west: [-1, 0],
};
const actorsMax = 5;

/** Returns the direction from one cell to another. The cells must differ. */
export function directionOf(from: Cell, to: Cell): Direction {
  const eighths = Math.round(Math.atan2(to.x - from.x, from.y - to.y) / (Math.PI / 4));
  return compass[(eighths + compass.length) % compass.length] ?? "north";
}

export function surroundingsOf({
  place,
  position,
  actors,
}: {
  readonly place: MapEntered;
  readonly position: Cell & { readonly map: string };
  readonly actors: ReadonlyMap<unknown, Cell & { readonly name: string }>;
}): Surroundings {
  const { map, x, y } = position;
  const here = cellOf(position, unitsPerCellOf(place));
  const near = (cell: Cell): Near => ({
    direction: directionOf(here, cell),
    cells: distanceCells(here, cell),
  });
  const free = Object.entries(offsets).flatMap(([direction, [dx, dy]]) =>
    isWalkable(place, here.x + dx, here.y + dy) ? [direction as Direction] : [],
  );
  const warps = warpsOf(place).sort((a, b) => distanceCells(here, a) - distanceCells(here, b));
  const nearest = warps.find((cell) => distanceCells(here, cell) > 0);
  const others = [...actors.values()]
    .map((actor) => ({ name: actor.name, ...near(cellOf(actor, unitsPerCellOf(place))) }))
    .sort((a, b) => a.cells - b.cells)
    .slice(0, actorsMax);
  return { map, x, y, free, warp: nearest === undefined ? null : near(nearest), actors: others };
}

function warpsOf({ width, cells }: MapEntered): Cell[] {
  const warps: Cell[] = [];
  for (let at = cells.indexOf(warp); at >= 0; at = cells.indexOf(warp, at + 1))
    warps.push({ x: at % width, y: Math.floor(at / width) });
  return warps;
}
