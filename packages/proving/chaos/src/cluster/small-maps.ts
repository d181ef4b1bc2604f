import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { warpOf, writeYards, yard } from "@sallyport/testkit";

export const side = 10;
export const warpCell = warpOf(side);
export const spawn = "north:2,2";
/**
 * The open room, where the clients of fronts are that cannot walk. Clients say where they are in it. One walks out
 * of it to the map `north`.
 */
export const room = "tavern";
/**
 * Each map-server has maps of its own, and both may host the map `east`. The server that has been up longer hosts
 * `east`. If that server ends, the other one hosts it. New characters begin on one map-server, and the room is on
 * the other one.
 */
export const hostedMaps = { "map-1": "north,east", "map-2": `south,east,${room}` };

/** The maps are so small that players often cross to another map. */
export function writeSmallMaps(folder: string): void {
  writeYards(folder, ["north", "south", "east"], side);
  const objects = ["room: open", "movement: reported unitsPerCell=32 greatestSpeed=1000000"];
  writeFileSync(join(folder, `${room}.map`), yard({ name: room, next: "north", side, objects }));
}
