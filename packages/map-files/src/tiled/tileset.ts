import type { JsonObject } from "@sallyport/domain";
import { bytesBeside, type ReadBeside } from "../ground/ground-file.ts";
import { quote, wrong } from "../map-file-error.ts";
import { Fields, parseJson } from "./fields.ts";
import { propertiesOf } from "./properties.ts";
import { parseTsx } from "./tsx-file.ts";

/** What the author said of a tile. Most tiles have nothing of this. */
export interface TileKind {
  readonly class: string;
  readonly properties: JsonObject;
  readonly isWall: boolean;
}

export interface Tileset {
  /** The global id of its tile 0. */
  readonly firstId: number;
  /** The tiles of which the author said something, by their number in this tileset. */
  readonly tiles: ReadonlyMap<number, TileKind>;
  /** The part of a tile object that its position names, from 0,0 (top left) to 1,1 (bottom right). */
  readonly anchor: readonly [x: number, y: number];
}

/** The bits of a global tile id that name the tile. The others say how it is flipped or turned. */
export const tileBits = 0x0fff_ffff;
const idBounds = { min: 0, max: tileBits };

const anchors: Readonly<Record<string, readonly [number, number]>> = {
  unspecified: [0, 1],
  topleft: [0, 0],
  top: [0.5, 0],
  topright: [1, 0],
  left: [0, 0.5],
  center: [0.5, 0.5],
  right: [1, 0.5],
  bottomleft: [0, 1],
  bottom: [0.5, 1],
  bottomright: [1, 1],
};

/** Reads the tilesets of a map, those in files of their own too, by ascending `firstId`. Throws `MapFileError`. */
export function tilesetsOf(map: Fields, readBeside: ReadBeside): readonly Tileset[] {
  return map
    .objects("tilesets")
    .map((json, index) =>
      readTileset(new Fields(json, `${map.where}: tileset ${index + 1}`), map.where, readBeside),
    )
    .sort((one, other) => one.firstId - other.firstId);
}

function readTileset(entry: Fields, source: string, readBeside: ReadBeside): Tileset {
  const firstId = entry.whole("firstgid", { ...idBounds, min: 1 });
  const file = entry.text("source", "");
  const where = `${source}: tileset ${quote(file === "" ? entry.text("name", "") : file)}`;
  const tileset = new Fields(file === "" ? entry.json : readExternal(file, where, readBeside), where);
  const alignment = tileset.text("objectalignment", "unspecified");
  const anchor = Object.hasOwn(anchors, alignment) ? anchors[alignment] : undefined;
  if (anchor === undefined) throw wrong(where, `"objectalignment" is ${quote(alignment)}, which is unknown`);
  const tiles = tileset.objects("tiles").map((json) => {
    const id = new Fields(json, where).whole("id", idBounds);
    return [id, kindOf(new Fields(json, `${where}: tile ${id}`))] as const;
  });
  return { firstId, tiles: new Map(tiles), anchor };
}

/** The path starts at the folder of the map. Tiled writes no other paths, unless the file is on another drive. */
function readExternal(file: string, where: string, readBeside: ReadBeside): JsonObject {
  if (/^[/\\]|^\w:/.test(file)) throw wrong(where, "is an absolute path; keep tilesets near their maps");
  const text = new TextDecoder().decode(bytesBeside(file, readBeside, where));
  return /\.(tsx|xml)$/.test(file) ? parseTsx(text, where) : parseJson(text, where);
}

function kindOf(tile: Fields): TileKind {
  const properties = propertiesOf(tile);
  const isWall = properties["wall"] ?? false;
  if (typeof isWall !== "boolean") throw wrong(tile.where, 'the property "wall" is true or false');
  return { class: classOf(tile), properties, isWall };
}

/** The class of an object or a tile. Tiled 1.9 named the field differently from the versions before and after it. */
export const classOf = (owner: Fields): string => owner.text("type", "") || owner.text("class", "");

/**
 * Returns the tile of a global id. Undefined if the id is in no tileset. `kind` is undefined if the author said
 * nothing of the tile.
 */
export function findTile(
  tilesets: readonly Tileset[],
  id: number,
): { readonly tileset: Tileset; readonly kind: TileKind | undefined } | undefined {
  const tileset = tilesets.findLast(({ firstId }) => firstId <= id);
  return tileset && { tileset, kind: tileset.tiles.get(id - tileset.firstId) };
}
