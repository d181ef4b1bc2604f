import { readFileSync } from "node:fs";
import { deflateSync, gzipSync } from "node:zlib";
import type { JsonObject } from "@sallyport/domain";
import { describe, expect, test } from "vitest";
import { parseTiledMap } from "../src/index.ts";
import { changed, folder, innText, layer, object, parse, property, readBeside } from "./tiled-inn.ts";

const bytesOf = (data: readonly number[]): Buffer =>
  Buffer.from(new Uint8Array(Uint32Array.from(data).buffer));

const drawing = `
############
#..........#
#..........#
#...#......#
#...........
#...........
#..........#
#..........#
#..........#
############`;

const wallsOf = ({ cells, width }: { readonly cells: Uint8Array; readonly width: number }): string =>
  Array.from(cells, (cell, index) => (index % width === 0 ? "\n" : "") + (cell === 1 ? "#" : ".")).join("");

describe("a map that Tiled exports at its default settings, with a tileset in a file of its own", () => {
  const map = parse(innText);

  test("has the name of its file, its size, and walls where tiles have the property", () => {
    expect(map).toMatchObject({ name: "inn", title: "inn", width: 12, height: 10, isRoom: false });
    expect(map.movement).toEqual({ kind: "walked" });
    expect(wallsOf(map)).toBe(drawing);
  });

  test("has its spawn and its warps where the objects are", () => {
    expect(map.spawn).toEqual({ x: 2, y: 5 });
    expect(map.warps).toEqual([4, 5].map((y) => ({ x: 11, y, to: { map: "forest", x: 41, y: 56 } })));
    expect(map.warpAt(11, 4)).toBe(map.warps[0]);
  });

  test("has all other objects with a class, in cells, and leaves out notes", () => {
    expect(map.objects).toEqual([
      {
        ...{ name: "Mara", class: "npc", x: 6, y: 2, width: 1, height: 1 },
        properties: { dialogue: "greeting", hp: 12, pace: 0.5 },
      },
      { name: "market", class: "zone", x: 1, y: 6, width: 4, height: 3, properties: { pvp: true } },
      {
        ...{ name: "", class: "chest", x: 8, y: 7, width: 1, height: 1 },
        properties: { coins: 5, locked: false },
      },
    ]);
  });

  test("is the same map with the tileset in JSON, or in the map itself", () => {
    const inJson = changed((other) => {
      other["tilesets"] = [{ firstgid: 1, source: "tilesets/town.tsj" }];
    });
    const inMap = changed((other) => {
      const text = readFileSync(new URL("tilesets/town.tsj", folder), "utf8");
      other["tilesets"] = [{ firstgid: 1, ...(JSON.parse(text) as JsonObject) }];
    });
    expect(inJson).toEqual(map);
    expect(inMap).toEqual(map);
  });

  test.each([
    ["no compression", "", (bytes: Uint8Array) => bytes],
    ["gzip", "gzip", gzipSync],
    ["zlib", "zlib", deflateSync],
  ])("is the same map with tiles in base64 and %s", (_, compression, pack) => {
    const packed = changed((other) => {
      for (const each of other.layers.slice(0, 2)) {
        const bytes = pack(bytesOf(each["data"] as number[]));
        Object.assign(each, { encoding: "base64", compression });
        each["data"] = Buffer.from(bytes).toString("base64");
      }
    });
    expect(packed).toEqual(map);
  });

  test("is the same map with its layers in groups", () => {
    const grouped = changed((other) => {
      other.layers = [
        { type: "group", name: "all", layers: [{ type: "group", name: "in", layers: other.layers }] },
      ];
    });
    expect(grouped).toEqual(map);
  });
});

describe("a layer of walls", () => {
  test.each([
    ["name", "walls"],
    ["name", "Walls"],
    ["class", "walls"],
  ])("is known by its %s %s, and makes walls of all its tiles", (field, value) => {
    const map = changed((other) => {
      layer(other, 1)[field] = value;
    });
    expect(map.isWalkable(4, 3)).toBe(false);
    expect(map.isWalkable(5, 3)).toBe(false);
    expect(map.isWalkable(6, 3)).toBe(true);
  });
});

describe("an object", () => {
  test("covers all cells that it touches", () => {
    const map = changed((other) => {
      Object.assign(object(other, 4), { x: 40, y: 192, width: 60, height: 32.00001 });
    });
    expect(map.objects.filter((each) => each.class === "zone")).toMatchObject([
      { x: 1, y: 6, width: 3, height: 1 },
    ]);
  });

  test("is moved with its layer", () => {
    const map = changed((other) => {
      Object.assign(layer(other, 2), { offsetx: 32, offsety: -32 });
      Object.assign(object(other, 2), { x: 320, y: 160 });
    });
    expect(map.spawn).toEqual({ x: 3, y: 4 });
  });

  test("with a tile is above its position, or where the tileset says", () => {
    const at = (objectalignment: string) =>
      changed((other) => {
        const text = readFileSync(new URL("tilesets/town.tsj", folder), "utf8");
        other["tilesets"] = [{ firstgid: 1, ...(JSON.parse(text) as JsonObject), objectalignment }];
      }).objects.find((each) => each.class === "chest");
    expect(at("bottomleft")).toMatchObject({ x: 8, y: 7 });
    expect(at("topleft")).toMatchObject({ x: 8, y: 8 });
    expect(at("bottomright")).toMatchObject({ x: 7, y: 7 });
  });

  test("has its class in either of the fields of the versions of Tiled", () => {
    const map = changed((other) => {
      Object.assign(object(other, 3), { type: "", class: "monster" });
    });
    expect(map.objects[0]).toMatchObject({ class: "monster", name: "Mara" });
  });

  test("has its own properties before those of its tile", () => {
    const map = changed((other) => {
      object(other, 5)["properties"] = [property("coins", 9)];
    });
    expect(map.objects[2]?.properties).toEqual({ coins: 9, locked: false });
  });
});

describe("the properties of the map", () => {
  test("say its name, its title, its movement and whether it is a room, and are all for the game too", () => {
    const properties = {
      name: "quay",
      title: "The quay",
      movement: "reported",
      unitsPerCell: 32,
      greatestSpeed: 320,
    };
    const map = changed((other) => {
      other["properties"] = Object.entries({ ...properties, room: true, music: "waves" }).map(
        ([name, value]) => property(name, value),
      );
    });
    expect(map).toMatchObject({
      name: "quay",
      title: "The quay",
      movement: { kind: "reported", unitsPerCell: 32, greatestSpeed: 320 },
      isRoom: true,
      properties: { ...properties, room: true, music: "waves" },
    });
  });

  test("must name the map if its file has a name that no map can have", () => {
    const nameOf = (source: string) => parseTiledMap(innText, source, readBeside).name;
    expect(nameOf("/some/where/inn2.tmj")).toBe("inn2");
    expect(() => nameOf("Old Inn.tmj")).toThrow(
      'Old Inn.tmj: the name of the file, because the map has no property "name": a map name is',
    );
  });
});
