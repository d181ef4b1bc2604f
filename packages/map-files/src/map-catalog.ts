import type { GridMap } from "@sallyport/map-world";

/** Maps that cannot be used. The message has one line for each problem. */
export class MapsInvalid extends Error {
  override readonly name = "MapsInvalid";
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
