import { parseTextMap } from "@sallyport/map-files";
import type { GridMap } from "@sallyport/map-world";

const side = 10;

/** Creates a walled yard with one warp, which leads to the other map. */
function yard(name: string, other: string): GridMap {
  const rows = Array.from({ length: side }, (_, y) =>
    y === 0 || y === side - 1 ? "#".repeat(side) : `#${".".repeat(side - 2)}#`,
  );
  const header = [`name: ${name}`, "spawn: 2,2", `warp: 8,8 -> ${other}:3,3`];
  return parseTextMap([...header, "", ...rows].join("\n"), `${name}.map`);
}

/** Two maps so small that players on them meet often. */
export const smallMaps: ReadonlyMap<string, GridMap> = new Map(
  [yard("north", "south"), yard("south", "north")].map((map) => [map.name, map]),
);
export const warpCell = { x: 8, y: 8 };
