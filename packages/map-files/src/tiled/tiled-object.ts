import type { JsonObject } from "@sallyport/domain";
import type { DraftObject } from "../map-draft.ts";
import { quote, wrong } from "../map-file-error.ts";
import { Fields } from "./fields.ts";
import { propertiesOf } from "./properties.ts";
import { classOf, findTile, type Tileset, tileBits } from "./tileset.ts";

export interface ObjectsContext {
  readonly source: string;
  readonly tilesets: readonly Tileset[];
  /** In pixels. */
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** The offset of the layer, in pixels. */
  readonly offsetX: number;
  readonly offsetY: number;
}

/** These fields say that an object has another shape than a rectangle or a point. */
const shapes = ["ellipse", "capsule", "polygon", "polyline", "text"] as const;

/** In cells. An object that covers less of a cell does not cover it; numbers in files are rounded. */
const tolerance = 0.001;

/** Reads an object. Returns null for one without a class: it is a note for people. Throws `MapFileError`. */
export function readObject(json: JsonObject, context: ObjectsContext): DraftObject | null {
  const { source, tilesets } = context;
  const unplaced = new Fields(json, `${source}: object`);
  const id = unplaced.whole("id", { min: 0, max: 0xffff_ffff });
  const name = unplaced.text("name", "");
  const where = `${source}: object ${id}${name === "" ? "" : ` ${quote(name)}`}`;
  const object = new Fields(json, where);
  if (json["template"] !== undefined) {
    throw wrong(where, "it is of a template; in Tiled, detach it, or export with Detach templates");
  }
  const gid = object.whole("gid", { min: 0, max: 0xffff_ffff }, 0) & tileBits;
  const found = gid === 0 ? undefined : findTile(tilesets, gid);
  if (gid !== 0 && found === undefined) throw wrong(where, `its tile ${gid} is in no tileset`);
  const objectClass = classOf(object) || (found?.kind?.class ?? "");
  if (objectClass === "") return null;

  const shape = shapes.find((each) => json[each] !== undefined && json[each] !== false);
  if (shape !== undefined) throw wrong(where, `it is of the shape ${shape}; use a rectangle or a point`);
  if (object.number("rotation", 0) !== 0) throw wrong(where, "it is rotated; set its rotation to 0");
  return {
    name,
    class: objectClass,
    ...rectangleOf(object, found?.tileset.anchor ?? [0, 0], context),
    properties: { ...found?.kind?.properties, ...propertiesOf(object) },
    where,
  };
}

/** Returns the cells that the object touches: at least one. */
function rectangleOf(object: Fields, [anchorX, anchorY]: readonly [number, number], context: ObjectsContext) {
  const [pixelWidth, pixelHeight] = [object.number("width", 0), object.number("height", 0)];
  if (pixelWidth < 0 || pixelHeight < 0) throw wrong(object.where, "its width or height is below 0");
  const left = object.number("x") + context.offsetX - anchorX * pixelWidth;
  const top = object.number("y") + context.offsetY - anchorY * pixelHeight;
  const columns = span(left, pixelWidth, context.tileWidth);
  const rows = span(top, pixelHeight, context.tileHeight);
  return { x: columns.first, y: rows.first, width: columns.count, height: rows.count };
}

function span(startPixels: number, pixels: number, cellPixels: number): Record<"first" | "count", number> {
  const first = Math.floor(startPixels / cellPixels + tolerance);
  const end = Math.ceil((startPixels + pixels) / cellPixels - tolerance);
  return { first, count: Math.max(end - first, 1) };
}
