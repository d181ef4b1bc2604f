import { readdirSync, readFileSync } from "node:fs";
import { parse as parsePath } from "node:path";
import { cellKinds, type GridMap } from "@sallyport/map-world";
import { describe, expect, test } from "vitest";
import { stepsFrom } from "../../map-world/test/drawn-map.ts";
import { checkWarps } from "../src/check-warps.ts";
import { parseTextMap, parseTiledMap } from "../src/index.ts";

const parsers: Readonly<Record<string, typeof parseTextMap>> = {
  ".map": parseTextMap,
  ".tmj": parseTiledMap,
};
const read = (folder: URL) =>
  readdirSync(folder)
    .sort()
    .flatMap((source) => {
      const parse = parsers[parsePath(source).ext];
      const beside = (file: string) => readFileSync(new URL(file, folder));
      return parse === undefined ? [] : [{ source, map: parse(beside(source).toString(), source, beside) }];
    });
const samples = read(new URL("../../map-world/maps/", import.meta.url));
const files = samples.map(({ source }) => source);
const maps = samples.map(({ map }) => map);

test("text files and a map of Tiled are among the maps, each in the file of its name", () => {
  expect(files).toEqual(expect.arrayContaining(["forest.map", "harbour.map", "lighthouse.tmj"]));
  expect(maps.map(({ name }) => name)).toEqual(files.map((file) => parsePath(file).name));
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

test("the rooms of slime clients are open, their clients report where they are, and 160,120 is in each", () => {
  const slime = read(new URL("../../map-world/maps-slime/", import.meta.url));
  expect(slime.map(({ map }) => `${map.name}.map`)).toEqual(slime.map(({ source }) => source));
  for (const { map } of slime) {
    expect(map).toMatchObject({
      isRoom: true,
      isOpen: true,
      movement: { kind: "reported", unitsPerCell: 32 },
    });
    expect(map.isWalkable(Math.floor(160 / 32), Math.floor(120 / 32))).toBe(true);
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

test.each(["forest", "lighthouse"])("the harbour leads to the %s, and the %s to the harbour", (name) => {
  const leadsTo = (from: string) => maps.find((each) => each.name === from)?.warps.map(({ to }) => to.map);
  expect(leadsTo("harbour")).toContain(name);
  expect(leadsTo(name)).toContain("harbour");
});
