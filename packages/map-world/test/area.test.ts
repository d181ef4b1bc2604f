import { distanceCells } from "@sallyport/domain";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AreaIndex } from "../src/index.ts";

describe("the list of near actors", () => {
  test("has exactly the actors within the given distance, after any changes", () => {
    const cell = { x: fc.nat({ max: 49 }), y: fc.nat({ max: 29 }) };
    const change = fc.record({ id: fc.nat({ max: 15 }), gone: fc.boolean(), ...cell });
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 60 }),
        fc.integer({ min: 1, max: 12 }),
        fc.record(cell),
        (changes, viewCells, here) => {
          const area = new AreaIndex({ width: 50, height: 30, viewCells });
          const model = new Map<number, { x: number; y: number }>();
          for (const { id, gone, x, y } of changes) {
            if (gone) area.remove(id);
            else if (model.has(id)) area.move(id, x, y);
            else area.place(id, x, y);
            if (gone) model.delete(id);
            else model.set(id, { x, y });
          }
          for (const reach of [viewCells, viewCells + 1, 0]) {
            const expected = [...model].filter(([, at]) => distanceCells(at, here) <= reach);
            const found = area.near(here.x, here.y, reach).map(({ id }) => id);
            expect(found.sort((a, b) => a - b)).toEqual(expected.map(([id]) => id).sort((a, b) => a - b));
          }
          expect(area.count).toBe(model.size);
        },
      ),
    );
  });

  test("cannot be kept for an actor placed twice, or moved before being placed", () => {
    const area = new AreaIndex({ width: 8, height: 8, viewCells: 3 });
    area.place(1, 2, 2);
    expect(() => area.place(1, 3, 3)).toThrow("1 is already placed");
    expect(() => area.move(2, 3, 3)).toThrow("2 is not placed");
    expect(area.cellOf(1)).toEqual({ x: 2, y: 2 });
  });
});

describe("the cost of looking around", () => {
  /**
   * Puts twenty actors into one corner and all others into the opposite corner. Then counts the entries that
   * a query in the first corner examines.
   */
  function examined(side: number, others: number): number {
    const area = new AreaIndex({ width: side, height: side, viewCells: 14 });
    for (let i = 0; i < 20; i++) area.place(i, 10 + (i % 5), 10 + Math.floor(i / 5));
    for (let i = 0; i < others; i++) area.place(1000 + i, side - 1 - (i % 4), side - 1 - ((i >> 2) % 4));
    expect(area.near(12, 12)).toHaveLength(20);
    return area.candidatesExamined;
  }

  test("depends on the neighbours, and not on the size of the map", () => {
    expect(examined(64, 0)).toBe(20);
    expect(examined(1024, 0)).toBe(20);
  });

  test("depends on the neighbours, and not on the actors elsewhere", () => {
    expect(examined(64, 5000)).toBe(20);
    expect(examined(1024, 5000)).toBe(20);
  });
});
