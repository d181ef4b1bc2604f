import { readdirSync, readFileSync } from "node:fs";
import { cellKinds, type GridMap } from "@sallyport/map-world";
import { describe, expect, test } from "vitest";
import { stepsFrom } from "../../map-world/test/drawn-map.ts";
import { checkWarps } from "../src/check-warps.ts";
import { parseTextMap } from "../src/index.ts";

const read = (folder: URL) =>
  readdirSync(folder)
    .sort()
    .map((file) => ({ source: file, map: parseTextMap(readFileSync(new URL(file, folder), "utf8"), file) }));
const samples = read(new URL("../../map-world/maps/", import.meta.url));
const files = samples.map(({ source }) => source);
const maps = samples.map(({ map }) => map);

test("a harbour and a forest are among the maps, each in the file of its name", () => {
  expect(files).toEqual(expect.arrayContaining(["forest.map", "harbour.map"]));
  expect(maps.map((map) => `${map.name}.map`)).toEqual(files);
});

test("every warp leads to a floor, so that no player is sent straight back", () => {
  expect(checkWarps(samples)).toEqual(new Map());
  const byName = new Map(maps.map((map) => [map.name, map]));
  for (const { to } of maps.flatMap((map) => map.warps)) {
    expect(byName.get(to.map)?.warpAt(to.x, to.y)).toBeUndefined();
  }
});

test("the warps of the maps of Ragnarok clients are valid, and each map is in the file of its name", () => {
  const known = read(new URL("../../map-world/maps-ragnarok/", import.meta.url));
  expect(known.map(({ map }) => `${map.name}.map`)).toEqual(known.map(({ source }) => source));
  const all = known.map(({ map }) => map);
  expect(checkWarps(known)).toEqual(new Map());
  const byName = new Map(all.map((map) => [map.name, map]));
  for (const { to } of all.flatMap((map) => map.warps)) {
    expect(byName.get(to.map)?.warpAt(to.x, to.y)).toBeUndefined();
  }
});

describe.each(maps)("$name", (map) => {
  test("can be walked from its spawn to every cell that is not a wall", () => {
    const walkable = map.cells.filter((cell) => cell !== cellKinds.wall).length;
    expect(stepsFrom(map, map.spawn).size).toBe(walkable);
  });

  test("has a way out to another map", () => {
    expect(map.warps.some(({ to }) => to.map !== map.name)).toBe(true);
  });

  test("is closed on all sides", () => {
    for (let x = 0; x < map.width; x++) {
      expect(map.isWalkable(x, 0) || map.isWalkable(x, map.height - 1)).toBe(false);
    }
    for (let y = 0; y < map.height; y++) {
      expect(map.isWalkable(0, y) || map.isWalkable(map.width - 1, y)).toBe(false);
    }
  });
});

test.each(["harbour", "forest"])("the %s is at least 64 by 60 cells and no empty field", (name) => {
  const map = maps.find((each) => each.name === name) as GridMap;
  expect(map.width).toBeGreaterThanOrEqual(64);
  expect(map.height).toBeGreaterThanOrEqual(60);
  const walls = map.cells.filter((cell) => cell === cellKinds.wall).length / map.cells.length;
  expect(walls).toBeGreaterThan(0.2);
  expect(walls).toBeLessThan(0.7);
});

test("the harbour leads to the forest and the forest to the harbour", () => {
  const leadsTo = (name: string) => maps.find((each) => each.name === name)?.warps.map(({ to }) => to.map);
  expect(leadsTo("harbour")).toContain("forest");
  expect(leadsTo("forest")).toContain("harbour");
});
