import { parseTextMap } from "@sallyport/map-files";
import type { GridMap } from "@sallyport/map-world";

const side = 10;

/** Creates a walled yard with one warp, which leads to the other map, and the actors of the sample world. */
function yard(name: string, other: string): GridMap {
  const rows = Array.from({ length: side }, (_, y) =>
    y === 0 || y === side - 1 ? "#".repeat(side) : `#${".".repeat(side - 2)}#`,
  );
  const header = [
    ...[`name: ${name}`, "spawn: 2,2", `warp: 8,8 -> ${other}:3,3`],
    ...["object: mara Mara 1,7", `object: chest Chest 7,1 chest=${name}`, "object: stall Tobin 4,5"],
    ...["object: sign Sign 1,1", "object: shell Shells 1,1 8x7 count=5"],
    ...(name === "south" ? [`object: troll Troll 8,2 to=${other} toX=3 toY=3`] : []),
  ];
  return parseTextMap([...header, "", ...rows].join("\n"), `${name}.map`);
}

/** Two maps so small that players on them meet often. */
export const smallMaps: ReadonlyMap<string, GridMap> = new Map(
  [yard("north", "south"), yard("south", "north")].map((map) => [map.name, map]),
);
export const warpCell = { x: 8, y: 8 };
