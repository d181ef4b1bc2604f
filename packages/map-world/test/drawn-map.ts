import fc from "fast-check";
import { type Cell, cellKinds, GridMap } from "../src/index.ts";

/** Makes a map from its rows. A warp is written as `6,1 -> there:3,3`. The spawn is the first free cell. */
export function drawnMap(rows: readonly string[], warps: readonly string[] = []): GridMap {
  const width = rows[0]?.length ?? 0;
  const cells = Uint8Array.from(rows.join(""), (cell) => (cell === "#" ? cellKinds.wall : cellKinds.floor));
  const parsed = warps.map((text) => {
    const [, x, y, map = "", toX, toY] = /^(\d+),(\d+) -> (\w+):(\d+),(\d+)$/.exec(text) ?? [];
    return { x: Number(x), y: Number(y), to: { map, x: Number(toX), y: Number(toY) } };
  });
  for (const { x, y } of parsed) cells[y * width + x] = cellKinds.warp;
  const free = cells.indexOf(cellKinds.floor);
  const spawn = { x: free % width, y: Math.floor(free / width) };
  return new GridMap({
    name: "drawn",
    title: "drawn",
    width,
    height: rows.length,
    cells,
    spawn,
    warps: parsed,
  });
}

export function openMap(width: number, height: number, warps: readonly string[] = []): GridMap {
  return drawnMap(new Array<string>(height).fill(".".repeat(width)), warps);
}

/** Generates a map in which about one cell in `wallOneIn` is a wall, but never all cells are walls. */
export function arbitraryMap(side: { min: number; max: number }, wallOneIn = 4): fc.Arbitrary<GridMap> {
  return fc
    .record({ width: fc.integer(side), height: fc.integer(side) })
    .chain(({ width, height }) => {
      const cell = fc.nat({ max: wallOneIn - 1 }).map((n) => (n === 0 ? "#" : "."));
      const row = fc.array(cell, { minLength: width, maxLength: width }).map((cells) => cells.join(""));
      return fc.array(row, { minLength: height, maxLength: height });
    })
    .filter((rows) => rows.some((row) => row.includes(".")))
    .map((rows) => drawnMap(rows));
}

export function arbitraryCell(map: { width: number; height: number }): fc.Arbitrary<Cell> {
  return fc.record({ x: fc.nat({ max: map.width - 1 }), y: fc.nat({ max: map.height - 1 }) });
}

/** Returns the cells that one step can reach. This is an independent version of the rule, only for tests. */
export function neighboursOf(map: GridMap, { x, y }: Cell): Cell[] {
  const free = (dx: number, dy: number) => map.isWalkable(x + dx, y + dy);
  const found: Cell[] = [];
  for (const dx of [-1, 0, 1]) {
    for (const dy of [-1, 0, 1]) {
      if (dx === 0 && dy === 0) continue;
      if (free(dx, dy) && free(dx, 0) && free(0, dy)) found.push({ x: x + dx, y: y + dy });
    }
  }
  return found;
}

/** Returns the number of steps to every reachable cell. The search is simple rather than fast. */
export function stepsFrom(map: GridMap, start: Cell): Map<string, number> {
  const steps = new Map([[`${start.x},${start.y}`, 0]]);
  let edge = [start];
  for (let distance = 1; edge.length > 0; distance++) {
    const next: Cell[] = [];
    for (const cell of edge) {
      for (const neighbour of neighboursOf(map, cell)) {
        const key = `${neighbour.x},${neighbour.y}`;
        if (steps.has(key)) continue;
        steps.set(key, distance);
        next.push(neighbour);
      }
    }
    edge = next;
  }
  return steps;
}
