import { readFileSync } from "node:fs";
import type { Json, JsonObject } from "@sallyport/domain";
import { MapFileError, parseTiledMap } from "../src/index.ts";

export const folder = new URL("../samples/", import.meta.url);
export const readBeside = (file: string): Uint8Array => readFileSync(new URL(file, folder));
export const innText = readFileSync(new URL("inn.tmj", folder), "utf8");

export interface TiledMap {
  [field: string]: Json;
  layers: Record<string, Json>[];
}

/** The map of the fixture, changed. */
export function inn(change: (map: TiledMap) => void): string {
  const map = JSON.parse(innText) as TiledMap;
  change(map);
  return JSON.stringify(map);
}

export const parse = (text: string) => parseTiledMap(text, "inn.tmj", readBeside);
export const changed = (change: (map: TiledMap) => void) => parse(inn(change));

export function problemsOf(text: string): readonly string[] {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof MapFileError) return error.problems;
    throw error;
  }
  return [];
}

export const layer = (map: TiledMap, index: number): Record<string, Json> =>
  map.layers[index] as Record<string, Json>;
export const object = (map: TiledMap, id: number): Record<string, Json> =>
  (layer(map, 2)["objects"] as Record<string, Json>[])[id - 1] as Record<string, Json>;
export const property = (name: string, value: Json): JsonObject => ({ name, type: "string", value });
