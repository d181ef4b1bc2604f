import { gzipSync } from "node:zlib";
import type { Json } from "@sallyport/domain";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inn, layer, object, problemsOf, property, type TiledMap } from "./tiled-inn.ts";

describe("a map", () => {
  test.each<[string, (map: TiledMap) => void, string]>([
    [
      "infinite",
      (map) => void (map["infinite"] = true),
      "inn.tmj: it is infinite; in Tiled, clear Infinite in the properties of the map",
    ],
    [
      "isometric",
      (map) => void (map["orientation"] = "isometric"),
      'inn.tmj: its orientation is "isometric"; only orthogonal maps are supported',
    ],
    [
      "too small",
      (map) => void (map["width"] = 7),
      'inn.tmj: "width" is a whole number from 8 to 1024, and "7" is not',
    ],
    ["a tileset", (map) => void (map["type"] = "tileset"), "inn.tmj: is a file of Tiled, but not a map"],
    [
      "without layers of the right type",
      (map) => void (map["layers"] = 5 as never),
      'inn.tmj: "layers" is a list of objects, and "5" is not',
    ],
    [
      "with a layer of another size",
      (map) => void (layer(map, 0)["width"] = 11),
      'inn.tmj: layer "Tile Layer 1": it is 11x10, and the map is 12x10',
    ],
    [
      "with too few tiles",
      (map) => void (layer(map, 0)["data"] as Json[]).pop(),
      'inn.tmj: layer "Tile Layer 1": it has 119 tiles, not 120',
    ],
    [
      "with a tile that is none",
      (map) => void ((layer(map, 0)["data"] as Json[])[13] = -1),
      'inn.tmj: layer "Tile Layer 1": the cell 1,1 has the tile "-1", which is no tile id',
    ],
    [
      "with a tile in no tileset",
      (map) => {
        map["tilesets"] = [];
        map.layers.length = 1;
      },
      'inn.tmj: layer "Tile Layer 1": the cell 0,0 has the tile 2, which is in no tileset',
    ],
    [
      "with an unknown encoding",
      (map) => void (layer(map, 0)["encoding"] = "hex"),
      'inn.tmj: layer "Tile Layer 1": its encoding "hex" is unknown',
    ],
    [
      "compressed with zstd",
      (map) => void Object.assign(layer(map, 0), { encoding: "base64", compression: "zstd", data: "" }),
      'inn.tmj: layer "Tile Layer 1": its compression "zstd" is not supported; in Tiled, choose another Tile Layer Format in the properties of the map',
    ],
    [
      "with data that is not base64",
      (map) => void Object.assign(layer(map, 0), { encoding: "base64", data: "%" }),
      'inn.tmj: layer "Tile Layer 1": its data is not base64',
    ],
    [
      "with data that is not compressed",
      (map) => void Object.assign(layer(map, 0), { encoding: "base64", compression: "zlib", data: "AAAA" }),
      'inn.tmj: layer "Tile Layer 1": its data cannot be unpacked (Z_DATA_ERROR)',
    ],
    [
      "with data that unpacks to more than the layer",
      (map) =>
        void Object.assign(layer(map, 0), {
          ...{ encoding: "base64", compression: "gzip" },
          data: gzipSync(new Uint8Array(1 << 20)).toString("base64"),
        }),
      'inn.tmj: layer "Tile Layer 1": its data cannot be unpacked (ERR_BUFFER_TOO_LARGE)',
    ],
    [
      "with walls that have an offset",
      (map) => void (layer(map, 0)["offsetx"] = 3),
      'inn.tmj: layer "Tile Layer 1": it has walls and an offset; set its offset to 0',
    ],
    [
      "with a layer of an unknown type",
      (map) => void (layer(map, 0)["type"] = "video"),
      'inn.tmj: layer "Tile Layer 1": its type "video" is unknown',
    ],
    [
      "with a tileset that is not there",
      (map) => void (map["tilesets"] = [{ firstgid: 1, source: "none.tsj" }]),
      'inn.tmj: tileset "none.tsj": "none.tsj" cannot be read (ENOENT)',
    ],
    [
      "with a tileset at an absolute path",
      (map) => void (map["tilesets"] = [{ firstgid: 1, source: "/etc/passwd" }]),
      'inn.tmj: tileset "/etc/passwd": is an absolute path; keep tilesets near their maps',
    ],
    [
      "with a tileset that is something else",
      (map) => void (map["tilesets"] = [{ firstgid: 1, source: "../README.md" }]),
      'inn.tmj: tileset "../README.md": is not JSON',
    ],
    [
      "with a wall that is neither true nor false",
      (map) =>
        void (map["tilesets"] = [
          { firstgid: 1, name: "t", tiles: [{ id: 1, properties: [property("wall", "yes")] }] },
        ]),
      'inn.tmj: tileset "t": tile 1: the property "wall" is true or false',
    ],
    [
      "without a spawn",
      (map) => void (object(map, 1)["type"] = ""),
      "inn.tmj: there is no spawn, where new characters begin",
    ],
    [
      "with two spawns",
      (map) => void Object.assign(object(map, 3), { type: "spawn", name: "" }),
      "inn.tmj: object 3: a second spawn; give one of them a name of its own",
    ],
    [
      "with a spawn in a wall",
      (map) => void (object(map, 1)["x"] = 0),
      "inn.tmj: object 1: the spawn 0,5 is a wall",
    ],
    [
      "with an object outside",
      (map) => void (object(map, 3)["x"] = -1),
      'inn.tmj: object 3 "Mara": the npc "Mara" -1,2 is outside (12x10)',
    ],
    [
      "with a warp to nowhere",
      (map) => void (object(map, 2)["properties"] as Json[]).splice(1, 1),
      'inn.tmj: object 2 "to forest": "toX" is missing',
    ],
    [
      "with a warp on walls",
      (map) => void (object(map, 2)["height"] = 96),
      'inn.tmj: object 2 "to forest": the warp 11,4 1x3 at 11,6 is a wall',
    ],
    [
      "with an object of another shape",
      (map) => void (object(map, 4)["ellipse"] = true),
      'inn.tmj: object 4 "market": it is of the shape ellipse; use a rectangle or a point',
    ],
    [
      "with a rotated object",
      (map) => void (object(map, 4)["rotation"] = 45),
      'inn.tmj: object 4 "market": it is rotated; set its rotation to 0',
    ],
    [
      "with an object of a template",
      (map) => void (object(map, 4)["template"] = "t.tj"),
      'inn.tmj: object 4 "market": it is of a template; in Tiled, detach it, or export with Detach templates',
    ],
    [
      "with an object without a place",
      (map) => void delete object(map, 3)["y"],
      'inn.tmj: object 3 "Mara": "y" is missing',
    ],
    [
      "with a property twice",
      (map) => void (object(map, 3)["properties"] = [property("a", 1), property("a", 2)]),
      'inn.tmj: object 3 "Mara": the property "a" is given twice',
    ],
    [
      "with properties as before Tiled 1.2",
      (map) => void (object(map, 3)["properties"] = { a: 1 }),
      'inn.tmj: object 3 "Mara": "properties" is a list of objects, and "{\\"a\\":1}" is not',
    ],
    [
      "with a room that is neither true nor false",
      (map) => void (map["properties"] = [property("room", "yes")]),
      'inn.tmj: the property "room" is true, false or the text open',
    ],
  ])("that is %s is refused, and told where and why", (_, change, problem) => {
    expect(problemsOf(inn(change))).toEqual([problem]);
  });

  test("with several wrong parts is told all of them", () => {
    const text = inn((map) => {
      layer(map, 1)["width"] = 1;
      object(map, 3)["x"] = "a";
      object(map, 4)["rotation"] = 1;
      map["properties"] = [property("movement", "flown")];
    });
    expect(problemsOf(text)).toHaveLength(4);
  });

  test.each([
    ["no JSON", "{", "inn.tmj: is not JSON"],
    ["no object", "[]", "inn.tmj: is not a JSON object"],
    ["too deep", `{"a":${"[".repeat(10_000)}${"]".repeat(10_000)}}`, "inn.tmj: has more than 32 levels"],
  ])("that is %s is refused", (_, text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });
});

test("a map in which any part is another is a map or a MapFileError", () => {
  const junk: fc.Arbitrary<Json> = fc.oneof(
    fc.constantFrom<Json>(
      null,
      true,
      -1,
      1e308,
      0.5,
      "",
      "base64",
      [],
      {},
      [[]],
      [{}],
      { a: 1 },
      0xffff_ffff,
    ),
    fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
  );
  const way = fc.array(fc.nat(40), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(way, junk, (steps, value) => {
      const text = inn((map) => replace(map, steps, value));
      expect(problemsOf(text)).toBeInstanceOf(Array);
    }),
    { numRuns: 1_000 },
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(problemsOf(text)).toBeInstanceOf(Array);
    }),
  );
});

/** Goes down to one of the values in the map, and puts another one in its place. */
function replace(owner: { [key: string]: Json }, [step = 0, ...rest]: readonly number[], value: Json): void {
  const keys = Object.keys(owner);
  const key = keys[step % Math.max(keys.length, 1)];
  if (key === undefined) return;
  const inner = owner[key];
  if (rest.length > 0 && typeof inner === "object" && inner !== null) {
    replace(inner as { [key: string]: Json }, rest, value);
  } else owner[key] = value;
}
