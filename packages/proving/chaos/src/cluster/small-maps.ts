import { warpOf, writeYards } from "@sallyport/testkit";

export const side = 10;
export const warpCell = warpOf(side);
export const spawn = "north:2,2";
/**
 * Each map-server has its own map, and both may host the map `east`. The server that has been up longer hosts
 * `east`. If that server ends, the other one hosts it.
 */
export const hostedMaps = { "map-1": "north,east", "map-2": "south,east" };

/** The maps are so small that players often cross to another map. */
export const writeSmallMaps = (folder: string): void => writeYards(folder, ["north", "south", "east"], side);
