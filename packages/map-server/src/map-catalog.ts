import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { checkWarps, type GridMap, parseMap } from "@sallyport/map-world";

export class MapsInvalid extends Error {
  override readonly name = "MapsInvalid";
}

/** Every `.map` file of a folder, by map name. Rejects with `MapsInvalid`, or `MapFormatError` naming file and line. */
export async function loadMaps(folder: string): Promise<ReadonlyMap<string, GridMap>> {
  let files: string[];
  try {
    files = (await readdir(folder)).filter((file) => file.endsWith(".map")).sort();
  } catch (error) {
    throw new MapsInvalid(`cannot read the maps folder ${folder}: ${(error as NodeJS.ErrnoException).code}`);
  }
  if (files.length === 0) throw new MapsInvalid(`no .map files in ${folder}`);
  const maps = await Promise.all(
    files.map(async (file) => parseMap(await readFile(join(folder, file), "utf8"), join(folder, file))),
  );
  const problems = checkWarps(maps);
  if (problems.length > 0) throw new MapsInvalid(problems.join("\n"));
  return new Map(maps.map((map) => [map.name, map]));
}
