import { cellKinds, type GridMap } from "@sallyport/map-world";
import { quoteUnlessWord } from "./map-file-error.ts";

/** Describes the map in one line: its size, its movement, its warps and its objects. */
export function describeMap(map: GridMap): string {
  const floors = map.cells.filter((kind) => kind !== cellKinds.wall).length;
  const { movement } = map;
  return [
    `${map.name} ${map.width}x${map.height}`,
    ...(map.isOpen ? ["an open room"] : map.isRoom ? ["a room"] : []),
    movement.kind === "walked"
      ? "walked"
      : `reported (${movement.unitsPerCell} units a cell, at most ${movement.greatestSpeed} a second)`,
    counted(floors, "floor"),
    counted(map.warps.length, "warp"),
    `${counted(map.objects.length, "object")}${countsOf(map)}`,
  ].join(", ");
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

const classesShown = 12;

function countsOf({ objects }: GridMap): string {
  if (objects.length === 0) return "";
  const counts = new Map<string, number>();
  for (const object of objects) counts.set(object.class, (counts.get(object.class) ?? 0) + 1);
  const most = [...counts].sort(([, one], [, other]) => other - one);
  const shown = most.slice(0, classesShown).map(([name, count]) => `${quoteUnlessWord(name)} ${count}`);
  const more = most.length > classesShown ? [`${most.length - classesShown} other classes`] : [];
  return ` (${[...shown, ...more].join(", ")})`;
}

const legend = "# wall  . floor  > warp  @ spawn  * object";

/**
 * Draws the map with north at the top, in at most `columnsMax` columns. If the map is wider, one character
 * stands for a square of cells: it shows the spawn, warps or objects in the square if there are some, and
 * otherwise a wall if at least half of the cells are walls. Zones are not drawn.
 */
export function drawMap(map: GridMap, columnsMax: number): string {
  const side = Math.ceil(map.width / columnsMax);
  const columns = Math.ceil(map.width / side);
  const rows = Math.ceil(map.height / side);
  const walls = new Uint32Array(columns * rows);
  const cells = new Uint32Array(columns * rows);
  const squareOf = (x: number, y: number): number => Math.floor(y / side) * columns + Math.floor(x / side);
  for (let y = 0; y < map.height; y++) {
    for (let x = 0; x < map.width; x++) {
      const square = squareOf(x, y);
      cells[square] = (cells[square] ?? 0) + 1;
      if (!map.isWalkable(x, y)) walls[square] = (walls[square] ?? 0) + 1;
    }
  }
  const drawn: string[] = Array.from(cells, (count, square) =>
    (walls[square] ?? 0) * 2 >= count ? "#" : ".",
  );
  for (const object of map.objects) {
    if (object.class !== "zone") drawn[squareOf(object.x, object.y)] = "*";
  }
  for (const warp of map.warps) drawn[squareOf(warp.x, warp.y)] = ">";
  drawn[squareOf(map.spawn.x, map.spawn.y)] = "@";
  const lines = Array.from({ length: rows }, (_, row) =>
    drawn.slice(row * columns, (row + 1) * columns).join(""),
  );
  const scale = side === 1 ? "" : `; one character for ${side}x${side} cells`;
  return [...lines, legend + scale].map((line) => `${line}\n`).join("");
}
