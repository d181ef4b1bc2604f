import * as fc from "fast-check";
import { expect, test } from "vitest";
import { cameraAt, cellUnder, onCanvas, tileFor } from "../src/camera.ts";

const sizes = fc.record({
  width: fc.integer({ min: 100, max: 3_000 }),
  height: fc.integer({ min: 100, max: 3_000 }),
});
const maps = fc.record({
  width: fc.integer({ min: 8, max: 1_024 }),
  height: fc.integer({ min: 8, max: 1_024 }),
});

test("a click on a drawn cell finds this cell, on any map and canvas", () => {
  fc.assert(
    fc.property(sizes, maps, fc.nat(), fc.nat(), fc.nat(47), (canvas, map, x, y, inside) => {
      const cell = { x: x % map.width, y: y % map.height };
      const tile = tileFor(canvas, 1);
      const camera = cameraAt(cell, map, canvas, tile);
      const corner = onCanvas(camera, cell);
      // The corner is rounded to whole pixels.
      const pixel = { x: corner.x + 1 + (inside % (tile - 2)), y: corner.y + 1 + (inside % (tile - 2)) };
      expect(cellUnder(camera, pixel)).toEqual(cell);
    }),
  );
});

test("cells that touch on the map touch on the canvas, wherever the camera is", () => {
  const place = fc.record({ x: fc.double({ min: 0, max: 1_023, noNaN: true }), y: fc.nat(1_023) });
  fc.assert(
    fc.property(sizes, place, fc.nat(1_022), (canvas, middle, at) => {
      const tile = tileFor(canvas, 1);
      const camera = cameraAt(middle, { width: 1_024, height: 1_024 }, canvas, tile);
      const corner = onCanvas(camera, { x: at, y: at });
      const next = onCanvas(camera, { x: at + 1, y: at + 1 });
      expect({ x: next.x - corner.x, y: next.y - corner.y }).toEqual({ x: tile, y: tile });
    }),
  );
});

test("a map that fills the canvas never shows what is beyond its edge", () => {
  fc.assert(
    fc.property(sizes, maps, fc.nat(), fc.nat(), (canvas, map, x, y) => {
      const tile = tileFor(canvas, 1);
      fc.pre(map.width * tile >= canvas.width && map.height * tile >= canvas.height);
      const { left, top } = cameraAt({ x: x % map.width, y: y % map.height }, map, canvas, tile);
      expect(left).toBeGreaterThanOrEqual(0);
      expect(top).toBeGreaterThanOrEqual(0);
      expect(left + canvas.width / tile).toBeLessThanOrEqual(map.width + 1e-9);
      expect(top + canvas.height / tile).toBeLessThanOrEqual(map.height + 1e-9);
    }),
  );
});

test("a cell is large enough for a finger on a phone with a dense screen", () => {
  expect(tileFor({ width: 375 * 3, height: 300 * 3 }, 3)).toBeGreaterThanOrEqual(24 * 3);
});
