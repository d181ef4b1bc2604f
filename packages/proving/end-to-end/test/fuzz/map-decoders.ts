import { isDeepStrictEqual } from "node:util";
import { MapFileError, parseTextMap, parseTiledMap } from "@sallyport/map-files";
import { cellKinds, type GridMap } from "@sallyport/map-world";
import fc from "fast-check";
import { parseField } from "../../../../map-files/src/ground/field-file.ts";
import { parseGat } from "../../../../map-files/src/ground/gat-file.ts";
import { type Ground, GroundFileError } from "../../../../map-files/src/ground/ground.ts";
import { type Decoder, judge } from "./decoder.ts";
import { spoiledBytes, spoiledText } from "./spoil.ts";
import { anyText } from "./text-decoders.ts";

const words = (properties: object): string =>
  Object.entries(properties)
    .map(([name, value]) => ` ${name}=${typeof value === "string" ? JSON.stringify(value) : String(value)}`)
    .join("");

/** Writes a map as a text file. Cells of warps are drawn as floors. */
function mapText(map: GridMap): string {
  const { name, title, spawn, warps, objects, movement, isRoom } = map;
  const rows = Array.from({ length: map.height }, (_, y) =>
    [...map.cells.subarray(y * map.width, (y + 1) * map.width)]
      .map((cell) => (cell === cellKinds.wall ? "#" : "."))
      .join(""),
  );
  const { kind, ...bounds } = movement;
  return [
    ...[`name: ${name}`, `title: ${title}`, `spawn: ${spawn.x},${spawn.y}`],
    ...warps.map(({ x, y, to }) => `warp: ${x},${y} -> ${to.map}:${to.x},${to.y}`),
    ...objects.map(({ name: called, class: of, x, y, width, height, properties }) =>
      [
        `object: ${JSON.stringify(of)} ${JSON.stringify(called)} ${x},${y} ${width}x${height}`,
        words(properties),
      ].join(""),
    ),
    ...[`movement: ${kind}${words(bounds)}`, `room: ${isRoom ? "yes" : "no"}`],
    ...["", ...rows, ""],
  ].join("\n");
}

/** Throws if a map contradicts itself. */
function checkMap(map: GridMap): void {
  const { width, height } = map;
  if (map.cells.length !== width * height) throw new Error("the cells are not as many as the size says");
  if (!map.isWalkable(map.spawn.x, map.spawn.y)) throw new Error("the spawn is a wall");
  const warpCells = map.cells.filter((kind) => kind === cellKinds.warp).length;
  if (warpCells !== map.warps.length) throw new Error("two warps share a cell");
  for (const { x, y, ...size } of map.objects) {
    const isInside = x >= 0 && y >= 0 && x + size.width <= width && y + size.height <= height;
    if (!isInside || size.width < 1 || size.height < 1) throw new Error("an object is not on the map");
  }
}

const side = fc.integer({ min: 8, max: 12 });

const anyMapText = fc
  .record({ width: side, height: side })
  .map(({ width, height }) =>
    [
      ...["name: harbour", "title: Harbour", "spawn: 1,1", "warp: 2,1 -> forest:5,6"],
      ...["object: npc Mara 3,3 level=3", 'object: zone "Old market" 1,2 3x3 pvp=true'],
      ...["movement: reported unitsPerCell=32 greatestSpeed=320", "room: yes"],
      ...["", ...Array.from({ length: height }, (_, y) => (y === 0 ? "#" : ".").repeat(width)), ""],
    ].join("\n"),
  );

const textMap: Decoder = {
  name: "map file",
  property: (tally) =>
    fc.property(fc.oneof({ weight: 6, arbitrary: spoiledText(anyMapText) }, anyText), (text) => {
      const verdict = judge(tally, MapFileError, text.length, () => parseTextMap(text, "fuzz.map"));
      if (!verdict.taken) return;
      checkMap(verdict.value);
      const again = parseTextMap(mapText(verdict.value), "again.map");
      if (!isDeepStrictEqual(again, verdict.value)) throw new Error("written again, it is another map");
    }),
};

const property = (name: string, type: string, value: unknown) => ({ name, type, value });

const tsx =
  '<?xml version="1.0"?><tileset name="t"><tile id="1" type="chest"><properties><property name="wall" type="bool" value="true"/></properties></tile></tileset>';

const anyTiledMap = fc
  .record({ width: side, height: side, isPacked: fc.boolean() })
  .map(({ width, height, isPacked }) => {
    const data = Array.from({ length: width * height }, (_, index) => (index < width ? 2 : index % 2));
    const packed = Buffer.from(Uint32Array.from(data).buffer).toString("base64");
    const layer = { name: "ground", type: "tilelayer", width, height };
    const at = (x: number, y: number) => ({ x: 32 * x + 16, y: 32 * y + 16, rotation: 0 });
    const to = [property("to", "string", "forest"), property("toX", "int", 5), property("toY", "int", 6)];
    return JSON.stringify({
      ...{ type: "map", orientation: "orthogonal", infinite: false, width, height },
      ...{ tilewidth: 32, tileheight: 32, tilesets: [{ firstgid: 1, source: "t.tsx" }] },
      properties: [property("name", "string", "harbour"), property("movement", "string", "walked")],
      layers: [
        isPacked ? { ...layer, encoding: "base64", data: packed } : { ...layer, data },
        {
          ...{ name: "things", type: "objectgroup" },
          objects: [
            { id: 1, name: "", type: "spawn", point: true, ...at(1, 1) },
            { id: 2, name: "out", type: "warp", point: true, ...at(2, 1), properties: to },
            { id: 3, name: "box", type: "", gid: 2, width: 32, height: 32, ...at(3, 3) },
            { id: 4, name: "market", type: "zone", width: 64, height: 64, ...at(2, 2) },
          ],
        },
      ],
    });
  });

const tiledMap: Decoder = {
  name: "map of Tiled",
  property: (tally) =>
    fc.property(spoiledText(anyTiledMap), spoiledText(fc.constant(tsx)), (text, tileset) => {
      const readBeside = () => new TextEncoder().encode(tileset);
      const bytes = text.length + tileset.length;
      const verdict = judge(tally, MapFileError, bytes, () => parseTiledMap(text, "fuzz.tmj", readBeside));
      if (verdict.taken) checkMap(verdict.value);
    }),
};

function headed(head: readonly number[], cells: number, cellBytes: number): Uint8Array {
  const bytes = new Uint8Array(head.length + cells * cellBytes);
  bytes.set(head);
  return bytes;
}

const grounds = {
  gat: {
    parse: parseGat,
    file: headed([...Buffer.from("GRAT"), 1, 2, 8, 0, 0, 0, 9, 0, 0, 0], 72, 20),
  },
  fld2: { parse: parseField, file: headed([8, 0, 9, 0], 72, 1) },
} satisfies Record<string, { parse: (bytes: Uint8Array) => Ground; file: Uint8Array }>;

const groundFiles: readonly Decoder[] = Object.entries(grounds).map(([format, { parse, file }]) => ({
  name: `${format} file`,
  property: (tally) =>
    fc.property(spoiledBytes(fc.constant(file)), (bytes) => {
      const verdict = judge(tally, GroundFileError, bytes.length, () => parse(bytes));
      if (!verdict.taken) return;
      const { width, height, cells } = verdict.value;
      if (cells.length !== width * height || cells.some((cell) => cell > cellKinds.wall))
        throw new Error("cells that are none");
    }),
}));

export const mapDecoders: readonly Decoder[] = [textMap, tiledMap, ...groundFiles];
