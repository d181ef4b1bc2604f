import { expect, test } from "vitest";
import { placesFor } from "../src/contenders/places.ts";

test("characters that stand apart fill as many maps as they need, each within its side", () => {
  const places = placesFor(10_000, { cellsApart: 18, sideMax: 1_000 });
  expect(places.maps).toEqual(["field1", "field2", "field3", "field4"]);
  expect(places.side).toBeLessThanOrEqual(1_000);
  expect(places.perMap * places.maps.length).toBeGreaterThanOrEqual(10_000);
});

test("characters on one cell share one small map", () => {
  const { maps, side } = placesFor(3_000, { cellsApart: 0, sideMax: 1_000 });
  expect(maps).toEqual(["field1"]);
  expect(side).toBe(8);
});
