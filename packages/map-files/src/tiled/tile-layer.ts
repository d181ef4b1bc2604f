import { gunzipSync, inflateSync } from "node:zlib";
import { quote, wrong } from "../map-file-error.ts";
import type { Fields } from "./fields.ts";
import { tileBits } from "./tileset.ts";

const bytesPerTile = 4;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Reads the global tile id of each cell, row by row; 0 is no tile. Throws `MapFileError`. */
export function tilesOf(layer: Fields, { width, height }: Size): Uint32Array {
  const { where, json } = layer;
  const side = { min: 0, max: 0xffff_ffff };
  const [columns, rows] = [layer.whole("width", side), layer.whole("height", side)];
  if (columns !== width || rows !== height) {
    throw wrong(where, `it is ${columns}x${rows}, and the map is ${width}x${height}`);
  }
  const encoding = layer.text("encoding", "csv");
  if (encoding === "base64") return fromBase64(layer, width * height);
  if (encoding !== "csv") throw wrong(where, `its encoding ${quote(encoding)} is unknown`);
  const { data } = json;
  if (!Array.isArray(data)) throw wrong(where, '"data" is no list of tiles');
  if (data.length !== width * height) throw wrongCount(layer, data.length, width * height);
  const tiles = new Uint32Array(width * height);
  for (let index = 0; index < tiles.length; index++) {
    const tile: unknown = data[index];
    if (typeof tile !== "number" || !Number.isInteger(tile) || tile < 0 || tile > 0xffff_ffff) {
      const cell = `${index % width},${Math.floor(index / width)}`;
      throw wrong(where, `the cell ${cell} has the tile ${quote(JSON.stringify(tile))}, which is no tile id`);
    }
    tiles[index] = tile & tileBits;
  }
  return tiles;
}

const wrongCount = ({ where }: Fields, found: number, expected: number): Error =>
  wrong(where, `it has ${found} tiles, not ${expected}`);

type Unpack = (bytes: Uint8Array, bytesMax: number) => Uint8Array;

const unpackers: ReadonlyMap<string, Unpack> = new Map<string, Unpack>([
  ["", (bytes) => bytes],
  ["gzip", (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength })],
  ["zlib", (bytes, maxOutputLength) => inflateSync(bytes, { maxOutputLength })],
]);

/** The ids are little-endian u32. */
function fromBase64(layer: Fields, count: number): Uint32Array {
  const { where } = layer;
  const compression = layer.text("compression", "");
  const unpack = unpackers.get(compression);
  if (unpack === undefined) {
    throw wrong(
      where,
      `its compression ${quote(compression)} is not supported; in Tiled, choose another Tile Layer Format in the properties of the map`,
    );
  }
  const packed = bytesOf(layer);
  let bytes: Uint8Array;
  try {
    bytes = unpack(packed, bytesPerTile * count);
  } catch (error) {
    throw wrong(where, `its data cannot be unpacked (${(error as { readonly code: string }).code})`);
  }
  if (bytes.length !== bytesPerTile * count) {
    throw wrongCount(layer, bytes.length / bytesPerTile, count);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tiles = new Uint32Array(count);
  for (let index = 0; index < count; index++) {
    tiles[index] = view.getUint32(bytesPerTile * index, true) & tileBits;
  }
  return tiles;
}

function bytesOf(layer: Fields): Uint8Array {
  let text: string;
  try {
    text = atob(layer.text("data"));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    throw wrong(layer.where, "its data is not base64");
  }
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < bytes.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}
