import type { JsonObject } from "@sallyport/domain";
import { cellKinds, type GridMap, sideCellsMax, sideCellsMin } from "@sallyport/map-world";
import type { Ground } from "../ground/ground.ts";
import { openGround } from "../ground/ground.ts";
import { noFiles, type ReadBeside } from "../ground/ground-file.ts";
import { type DraftObject, finishMap, mapName, movementOf } from "../map-draft.ts";
import { Problems, quote, wrong } from "../map-file-error.ts";
import { Fields, parseJson } from "./fields.ts";
import { propertiesOf } from "./properties.ts";
import { tilesOf } from "./tile-layer.ts";
import { readObject } from "./tiled-object.ts";
import { findTile, type Tileset, tilesetsOf } from "./tileset.ts";

/**
 * Parses a map of Tiled in JSON, a `.tmj` file. docs/maps.md says what counts. Throws `MapFileError`, whose
 * messages begin with `source`.
 */
export function parseTiledMap(text: string, source: string, readBeside: ReadBeside = noFiles): GridMap {
  const map = new Fields(parseJson(text, source), source);
  if (map.text("type", "map") !== "map") throw wrong(source, "is a file of Tiled, but not a map");
  const orientation = map.text("orientation");
  if (orientation !== "orthogonal") {
    throw wrong(source, `its orientation is ${quote(orientation)}; only orthogonal maps are supported`);
  }
  if (map.flag("infinite")) {
    throw wrong(source, "it is infinite; in Tiled, clear Infinite in the properties of the map");
  }
  const side = { min: sideCellsMin, max: sideCellsMax };
  const ground = openGround(map.whole("width", side), map.whole("height", side));
  const tilesets = tilesetsOf(map, readBeside);

  const problems = new Problems();
  const objects: DraftObject[] = [];
  for (const layer of layersOf(map, source)) {
    problems.attempt(() => {
      const kind = layer.text("type");
      if (kind === "tilelayer") buildWalls(layer, ground, tilesets);
      else if (kind === "objectgroup") objects.push(...objectsOf(layer, map, tilesets, problems));
      else if (kind !== "imagelayer") throw wrong(layer.where, `its type ${quote(kind)} is unknown`);
    });
  }
  const said = problems.finish(() => readProperties(map));
  return finishMap({ ...said, ground, objects }, source, problems);
}

/** What the properties of the map say. */
function readProperties(map: Fields) {
  const properties = propertiesOf(map);
  const { name, title, room = false, movement, unitsPerCell, greatestSpeed } = properties;
  const { where } = map;
  if (title !== undefined && typeof title !== "string") throw wrong(where, 'the property "title" is a text');
  const isOpen = room === "open";
  if (typeof room !== "boolean" && !isOpen)
    throw wrong(where, 'the property "room" is true, false or the text open');
  return {
    name: name === undefined ? nameOfFile(where) : mapName(name, `${where}: the property "name"`),
    title,
    properties,
    movement: movementOf({ movement, unitsPerCell, greatestSpeed }, where),
    isRoom: room !== false,
    isOpen,
  };
}

/** Returns the name of the file without its ending. Throws `MapFileError` if it is no name for a map. */
const nameOfFile = (source: string): string =>
  mapName(
    /([^/\\]*?)(\.\w+)?$/.exec(source)?.[1] ?? "",
    `${source}: the name of the file, because the map has no property "name"`,
  );

/** Yields all layers. A group is not one, but the layers in it are. */
function* layersOf(owner: Fields, source: string): Generator<Fields> {
  for (const json of owner.objects("layers")) {
    const name = new Fields(json, `${source}: layer`).text("name", "");
    const layer = new Fields(json, `${source}: layer ${quote(name)}`);
    if (layer.text("type") === "group") yield* layersOf(layer, source);
    else yield layer;
  }
}

const isWallsLayer = (layer: Fields): boolean =>
  [layer.text("name", ""), layer.text("class", "")].some((word) => word.toLowerCase() === "walls");

/** Makes walls of all tiles of a layer of walls, and of tiles that are walls on other layers. */
function buildWalls(layer: Fields, { width, height, cells }: Ground, tilesets: readonly Tileset[]): void {
  const isWalls = isWallsLayer(layer);
  const isMoved = layer.number("offsetx", 0) !== 0 || layer.number("offsety", 0) !== 0;
  const walls = new Map<number, boolean>();
  const tiles = tilesOf(layer, { width, height });
  for (let index = 0; index < tiles.length; index++) {
    const id = tiles[index] ?? 0;
    if (id === 0) continue;
    let isWall = walls.get(id);
    if (isWall === undefined) {
      const tile = findTile(tilesets, id);
      if (tile === undefined) {
        const cell = `${index % width},${Math.floor(index / width)}`;
        throw wrong(layer.where, `the cell ${cell} has the tile ${id}, which is in no tileset`);
      }
      isWall = isWalls || (tile.kind?.isWall ?? false);
      walls.set(id, isWall);
    }
    if (!isWall) continue;
    if (isMoved) throw wrong(layer.where, "it has walls and an offset; set its offset to 0");
    cells[index] = cellKinds.wall;
  }
}

function objectsOf(
  layer: Fields,
  map: Fields,
  tilesets: readonly Tileset[],
  problems: Problems,
): DraftObject[] {
  const pixels = { min: 1, max: 0xffff };
  const context = {
    source: map.where,
    tilesets,
    tileWidth: map.whole("tilewidth", pixels),
    tileHeight: map.whole("tileheight", pixels),
    offsetX: layer.number("offsetx", 0),
    offsetY: layer.number("offsety", 0),
  };
  return layer.objects("objects").flatMap((json: JsonObject) => {
    const object = problems.attempt(() => readObject(json, context));
    return object === undefined || object === null ? [] : [object];
  });
}
