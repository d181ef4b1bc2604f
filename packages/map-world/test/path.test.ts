import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Cell, PathFinder } from "../src/index.ts";
import { arbitraryCell, arbitraryMap, drawnMap, neighboursOf, openMap, stepsFrom } from "./drawn-map.ts";

const mapAndEnds = arbitraryMap({ min: 8, max: 20 }).chain((map) =>
  fc.record({ map: fc.constant(map), from: arbitraryCell(map), to: arbitraryCell(map) }),
);

/** Counts how often the path changes its direction. */
function turnsOf(from: Cell, path: readonly Cell[]): number {
  const cells = [from, ...path];
  const steps = path.map((cell, i) => `${cell.x - (cells[i]?.x ?? 0)},${cell.y - (cells[i]?.y ?? 0)}`);
  return steps.filter((step, i) => i > 0 && step !== steps[i - 1]).length;
}

describe("a path", () => {
  test("goes from neighbour to neighbour over free cells, cuts no corner, and ends at the goal", () => {
    fc.assert(
      fc.property(mapAndEnds, ({ map, from, to }) => {
        const path = new PathFinder(map, { stepsMax: 60 }).find(from, to);
        let at = from;
        for (const cell of path ?? []) {
          expect(neighboursOf(map, at)).toContainEqual(cell);
          at = cell;
        }
        if (path !== null) expect(at).toEqual(to);
      }),
    );
  });

  test("is as short as possible, and exists exactly if there is one within the bound", () => {
    const bound = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(mapAndEnds, bound, ({ map, from, to }, stepsMax) => {
        const shortest = map.isWalkable(from.x, from.y)
          ? stepsFrom(map, from).get(`${to.x},${to.y}`)
          : undefined;
        const path = new PathFinder(map, { stepsMax }).find(from, to);
        const expected = shortest !== undefined && shortest <= stepsMax ? shortest : null;
        expect(path?.length ?? null).toBe(expected);
      }),
      { numRuns: 400 },
    );
  });

  test("turns at most once in open space", () => {
    const map = openMap(40, 30);
    const finder = new PathFinder(map, { stepsMax: 40 });
    fc.assert(
      fc.property(arbitraryCell(map), arbitraryCell(map), (from, to) => {
        const path = finder.find(from, to);
        expect(turnsOf(from, path ?? [])).toBeLessThanOrEqual(1);
        expect(finder.exploredCells).toBe(0);
      }),
    );
  });

  test("keeps its direction around obstacles instead of swerving, if that is not longer", () => {
    const map = drawnMap([
      "............",
      "............",
      "............",
      "............",
      "...#........",
      ".....#......",
      "............",
      "............",
    ]);
    const path = new PathFinder(map, { stepsMax: 40 }).find({ x: 1, y: 3 }, { x: 10, y: 5 });
    expect(path).toHaveLength(9);
    expect(turnsOf({ x: 1, y: 3 }, path ?? [])).toBe(2);
  });

  test("does not slip between two walls that touch at a corner, and does not cut a corner", () => {
    const map = drawnMap([
      "....#...",
      "....#...",
      "....#...",
      "....#...",
      "####....",
      "........",
      "........",
      "........",
    ]);
    const finder = new PathFinder(map, { stepsMax: 40 });
    expect(finder.find({ x: 3, y: 3 }, { x: 4, y: 4 })).toBeNull();
    expect(finder.find({ x: 5, y: 3 }, { x: 3, y: 5 })).toEqual([
      { x: 5, y: 4 },
      { x: 4, y: 5 },
      { x: 3, y: 5 },
    ]);
  });

  test("is empty if the goal is the start, and null into a wall or off the map", () => {
    const map = drawnMap([...new Array(7).fill("........"), "#......."]);
    const finder = new PathFinder(map, { stepsMax: 40 });
    expect(finder.find({ x: 1, y: 1 }, { x: 1, y: 1 })).toEqual([]);
    expect(finder.find({ x: 1, y: 1 }, { x: 0, y: 7 })).toBeNull();
    expect(finder.find({ x: 1, y: 1 }, { x: 8, y: 1 })).toBeNull();
    expect(finder.find({ x: 1, y: 1 }, { x: 2.5, y: 1 })).toBeNull();
  });

  test("does not depend on earlier searches", () => {
    const searches = arbitraryMap({ min: 8, max: 16 }).chain((map) =>
      fc.record({
        map: fc.constant(map),
        ends: fc.array(fc.tuple(arbitraryCell(map), arbitraryCell(map)), { minLength: 1, maxLength: 20 }),
      }),
    );
    fc.assert(
      fc.property(searches, ({ map, ends }) => {
        const reused = new PathFinder(map, { stepsMax: 30 });
        for (const [from, to] of ends) {
          expect(reused.find(from, to)).toEqual(new PathFinder(map, { stepsMax: 30 }).find(from, to));
        }
      }),
    );
  });
});

describe("a search", () => {
  /** The goal is near, but behind a wall. The way around the wall is too long. */
  const rows = new Array<string>(200).fill(`${".".repeat(100)}#${".".repeat(99)}`);
  const map = drawnMap(rows.with(199, ".".repeat(200)));

  test("explores no more than the square in reach, on a map of any size", () => {
    const finder = new PathFinder(map, { stepsMax: 40 });
    expect(finder.find({ x: 98, y: 60 }, { x: 102, y: 60 })).toBeNull();
    expect(finder.exploredCells).toBeGreaterThan(0);
    expect(finder.exploredCells).toBeLessThanOrEqual(81 * 81);
  });

  test("gives up after the allowed number of cells", () => {
    const finder = new PathFinder(map, { stepsMax: 40, exploredCellsMax: 100 });
    expect(finder.find({ x: 98, y: 180 }, { x: 102, y: 180 })).toBeNull();
    expect(finder.exploredCells).toBe(101);
    const unlimited = new PathFinder(map, { stepsMax: 40 });
    expect(unlimited.find({ x: 98, y: 180 }, { x: 102, y: 180 })).toHaveLength(40);
  });

  test("refuses bounds that its arithmetic cannot hold", () => {
    for (const stepsMax of [0, 256, 1.5, Number.NaN]) {
      expect(() => new PathFinder(map, { stepsMax })).toThrow(RangeError);
    }
    const farthest = new PathFinder(map, { stepsMax: 255 });
    expect(farthest.find({ x: 99, y: 50 }, { x: 101, y: 50 })).toBeNull();
    expect(farthest.find({ x: 99, y: 75 }, { x: 101, y: 75 })).toHaveLength(
      stepsFrom(map, { x: 99, y: 75 }).get("101,75") as number,
    );
  });
});
