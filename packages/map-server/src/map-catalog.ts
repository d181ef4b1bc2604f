import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { checkWarps, type GridMap, parseMap } from "@sallyport/map-world";

export class MapsInvalid extends Error {
  override readonly name = "MapsInvalid";
}

/**
 * Loads every `.map` file in the folders. The character that separates entries of PATH also separates the
 * folders. The keys of the result are map names. Rejects with `MapsInvalid` or `MapFormatError`.
 */
export async function loadMaps(folders: string): Promise<ReadonlyMap<string, GridMap>> {
  const maps = (await Promise.all(folders.split(delimiter).map(loadFolder))).flat();
  const problems = checkWarps(maps);
  if (problems.length > 0) throw new MapsInvalid(problems.join("\n"));
  return new Map(maps.map((map) => [map.name, map]));
}

/** Returns the maps with these names. Throws `MapsInvalid` if a name belongs to no map. */
export function chooseMaps(
  maps: ReadonlyMap<string, GridMap>,
  names: readonly string[],
): ReadonlyMap<string, GridMap> {
  const unknown = names.filter((name) => !maps.has(name));
  if (unknown.length > 0)
    throw new MapsInvalid(`there is no map ${unknown.join(" or ")}; there are ${listNames(maps.keys())}`);
  return new Map(
    names.flatMap((name) => {
      const map = maps.get(name);
      return map === undefined ? [] : [[name, map] as const];
    }),
  );
}

const namesShown = 10;

/** Lists at most ten names, because a folder can have thousands of maps. */
export function listNames(names: Iterable<string>): string {
  const all = [...names];
  const more = all.length - namesShown;
  return all.slice(0, namesShown).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** Maximum size of an unpacked file, in bytes. Every valid field file is smaller. */
const unpackedBytesMax = 2 << 20;

async function loadFolder(folder: string): Promise<readonly GridMap[]> {
  let files: string[];
  try {
    files = (await readdir(folder)).filter((file) => file.endsWith(".map")).sort();
  } catch (error) {
    throw new MapsInvalid(`cannot read the maps folder ${folder}: ${(error as NodeJS.ErrnoException).code}`);
  }
  if (files.length === 0) throw new MapsInvalid(`no .map files in ${folder}`);
  const readBeside = (file: string): Uint8Array => {
    const bytes = readFileSync(join(folder, file));
    return file.endsWith(".gz") ? gunzipSync(bytes, { maxOutputLength: unpackedBytesMax }) : bytes;
  };
  return Promise.all(
    files.map(async (file) =>
      parseMap(await readFile(join(folder, file), "utf8"), join(folder, file), readBeside),
    ),
  );
}
