import { readFileSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, delimiter, dirname, extname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { GridMap } from "@sallyport/map-world";
import { checkWarps } from "./check-warps.ts";
import type { ReadBeside } from "./ground/ground-file.ts";
import { leadWarps } from "./lead-warps.ts";
import { MapsInvalid } from "./map-catalog.ts";
import { MapFileError, whyUnread } from "./map-file-error.ts";
import { parseTextMap } from "./text/text-map.ts";
import { parseTiledMap } from "./tiled/tiled-map.ts";

type Parse = (text: string, source: string, readBeside: ReadBeside) => GridMap;

const formats: ReadonlyMap<string, Parse> = new Map([
  [".map", parseTextMap],
  [".tmj", parseTiledMap],
]);
const endings = [...formats.keys()].join(" or ");

/** A map file that was read. Each problem begins with `source`. With problems there may be no map. */
export interface MapFile {
  /** The path of the file. */
  readonly source: string;
  readonly map: GridMap | null;
  readonly problems: readonly string[];
}

/**
 * Loads every map file in the folders. The character that separates entries of PATH also separates the
 * folders. The keys of the result are map names. Rejects with a `MapsInvalid` that has all problems.
 */
export async function loadMaps(folders: string): Promise<ReadonlyMap<string, GridMap>> {
  const files = await readFolders(folders.split(delimiter));
  const problems = files.flatMap((file) => file.problems);
  if (problems.length > 0) throw new MapsInvalid(problems.join("\n"));
  const maps = files.flatMap(({ map }) => (map === null ? [] : [map]));
  return new Map(leadWarps(maps).map((map) => [map.name, map]));
}

/**
 * Reads map files and all map files in folders. The warps of a file may lead to all maps in its folder.
 * Rejects with `MapsInvalid` if a path is neither a folder with maps nor a map file.
 */
export async function checkMaps(paths: readonly string[]): Promise<readonly MapFile[]> {
  const isFolder = new Map(paths.map((path) => [path, isFolderAt(path)]));
  const folders = new Set(paths.map((path) => (isFolder.get(path) ? path : dirname(path))));
  const files = await readFolders([...folders]);
  return paths.flatMap((path) => {
    const chosen = isFolder.get(path)
      ? files.filter(({ source }) => dirname(source) === join(path, "."))
      : files.filter(({ source }) => source === join(path));
    if (chosen.length === 0) throw new MapsInvalid(`${path}: expected a file that ends with ${endings}`);
    return chosen;
  });
}

function isFolderAt(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw new MapsInvalid(`${path}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** Rejects with `MapsInvalid` if a folder has no map files. */
async function readFolders(folders: readonly string[]): Promise<readonly MapFile[]> {
  const files: MapFile[] = [];
  for (const folder of folders) files.push(...(await readFolder(folder)));
  // A warp to a map that could not be read would be one more problem with the same cause.
  if (files.some((file) => file.problems.length > 0)) return files;
  const maps = files.flatMap(({ source, map }) => (map === null ? [] : [{ source, map }]));
  const problems = checkWarps(maps);
  return files.map((file) => ({ ...file, problems: problems.get(file.source) ?? [] }));
}

async function readFolder(folder: string): Promise<readonly MapFile[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    throw new MapsInvalid(`cannot read the maps folder ${folder}: ${(error as NodeJS.ErrnoException).code}`);
  }
  const mapNames = names.filter((name) => formats.has(extname(name))).sort();
  if (mapNames.length === 0) throw new MapsInvalid(`no ${endings} files in ${folder}`);
  return mapNames.map((name) => readMapFile(join(folder, name)));
}

function readMapFile(source: string): MapFile {
  const readBeside = (file: string): Uint8Array => bytesOf(join(dirname(source), file));
  try {
    const parse = formats.get(extname(source));
    if (parse === undefined) throw new Error(`${basename(source)} is no map file`);
    return { source, map: parse(textOf(source), source, readBeside), problems: [] };
  } catch (error) {
    if (!(error instanceof MapFileError)) throw error;
    return { source, map: null, problems: error.problems };
  }
}

function textOf(source: string): string {
  try {
    // The decoder drops the mark at the beginning that some editors write.
    return new TextDecoder().decode(bytesOf(source));
  } catch (error) {
    throw new MapFileError([`${source}: cannot be read (${whyUnread(error)})`]);
  }
}

/** Maximum size of a file, in bytes, packed and unpacked: a map of full size with many layers. */
const fileBytesMax = 64 << 20;

/** Reads the file, and unpacks it if its name ends with `.gz`. */
function bytesOf(path: string): Uint8Array {
  const stat = statSync(path);
  if (!stat.isFile()) throw new Error("it is no file");
  if (stat.size > fileBytesMax) throw new Error(`it has more than ${fileBytesMax} bytes`);
  const bytes = readFileSync(path);
  return path.endsWith(".gz") ? gunzipSync(bytes, { maxOutputLength: fileBytesMax }) : bytes;
}
