import type { Json, JsonObject } from "@sallyport/domain";
import { SaxesParser } from "saxes";
import { wrong } from "../map-file-error.ts";

const tile = "tileset/tile";
const property = `${tile}/properties/property`;
const depthMax = 32;

interface Tile {
  readonly id: number;
  readonly type: string;
  readonly properties: JsonObject[];
}

/**
 * Parses a `.tsx` file, which is the tileset in XML that Tiled writes by default. Returns what a map needs of
 * it, with the field names of a `.tsj` file. Throws `MapFileError`.
 */
export function parseTsx(text: string, where: string): JsonObject {
  const parser = new SaxesParser();
  const path: string[] = [];
  const tiles: Tile[] = [];
  let objectalignment = "unspecified";
  let open: { readonly name: string; readonly type: string; text: string } | null = null;
  const here = (): string => path.join("/");

  parser.on("error", (error) => {
    throw wrong(where, `is not XML (${error.message})`);
  });
  parser.on("opentag", ({ name, attributes }) => {
    path.push(name);
    if (path.length > depthMax) throw wrong(where, `has more than ${depthMax} levels`);
    if (path[0] !== "tileset") throw wrong(where, `is no tileset; its first element is ${name}`);
    if (path.length === 1) objectalignment = attributes["objectalignment"] ?? objectalignment;
    if (here() === tile) {
      const { id, type, class: className } = attributes;
      tiles.push({ id: Number(id ?? Number.NaN), type: type ?? className ?? "", properties: [] });
    }
    if (here() === property) {
      open = {
        name: attributes["name"] ?? "",
        type: attributes["type"] ?? "string",
        text: attributes["value"] ?? "",
      };
    }
  });
  // A text of several lines is not in the attribute, but in the element.
  parser.on("text", (more) => {
    if (open !== null && here() === property) open.text += more;
  });
  parser.on("closetag", () => {
    if (open !== null && here() === property) {
      tiles.at(-1)?.properties.push({ name: open.name, value: valueOf(open.type, open.text, where) });
      open = null;
    }
    path.pop();
  });
  parser.write(text).close();
  return { objectalignment, tiles: tiles as readonly object[] as readonly JsonObject[] };
}

function valueOf(type: string, text: string, where: string): Json {
  if (type === "bool") return text === "true";
  if (type !== "int" && type !== "float") return text;
  const value = Number(text);
  if (text !== "" && Number.isFinite(value)) return value;
  throw wrong(where, `a property of a tile is ${type}, and ${JSON.stringify(text)} is not`);
}
