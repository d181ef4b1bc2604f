import { writeYards } from "@sallyport/testkit";

export const side = 10;
export const mapNames = ["north", "south", "east"] as const;
export const warpCell = { x: side - 2, y: side - 2 };
export const spawn = "north:2,2";

/** So small that players are always about to cross to another map. */
export const writeSmallMaps = (folder: string): void => writeYards(folder, { names: mapNames, side });
