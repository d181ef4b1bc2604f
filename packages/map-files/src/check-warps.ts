import type { GridMap } from "@sallyport/map-world";

export interface LoadedMap {
  /** The path of the file. */
  readonly source: string;
  readonly map: GridMap;
}

/**
 * Checks that each map has a name of its own, and that each warp leads to a walkable cell of a known map.
 * Returns the problems of each file that has some.
 */
export function checkWarps(maps: readonly LoadedMap[]): ReadonlyMap<string, readonly string[]> {
  const problems = new Map<string, string[]>();
  const add = (source: string, problem: string): void => {
    const known = problems.get(source);
    if (known === undefined) problems.set(source, [`${source}: ${problem}`]);
    else known.push(`${source}: ${problem}`);
  };
  const byName = new Map<string, LoadedMap>();
  for (const each of maps) {
    const { name } = each.map;
    const other = byName.get(name);
    if (other === undefined) byName.set(name, each);
    else add(each.source, `the map in ${other.source} is named ${name} too`);
  }
  for (const { source, map } of maps) {
    for (const { x, y, to } of map.warps) {
      const warp = `the warp ${x},${y} leads to ${to.map}:${to.x},${to.y}`;
      const target = byName.get(to.map)?.map;
      if (target === undefined) add(source, `${warp}, but there is no map ${to.map}`);
      else if (to.x >= target.width || to.y >= target.height) {
        add(source, `${warp}, which is outside (${to.map} is ${target.width}x${target.height})`);
      } else if (!target.isWalkable(to.x, to.y)) add(source, `${warp}, which is a wall`);
    }
  }
  return problems;
}
