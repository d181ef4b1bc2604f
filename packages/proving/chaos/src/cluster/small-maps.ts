import { warpOf, writeYards } from "@sallyport/testkit";

export const side = 10;
export const warpCell = warpOf(side);
export const spawn = "north:2,2";
/**
 * Each map-server has a map of its own, and both may have the third. The server that is up longer hosts it,
 * and the other takes it over.
 */
export const hostedMaps = { "map-1": "north,east", "map-2": "south,east" };

/** So small that players are always about to cross to another map. */
export const writeSmallMaps = (folder: string): void => writeYards(folder, ["north", "south", "east"], side);
