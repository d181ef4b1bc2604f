import type { Spot } from "./said.ts";

/** The rooms of the protocol by their numbers. Each is an open room of the world. */
export class Rooms {
  readonly #maps: ReadonlyMap<number, string>;
  readonly #numbers: ReadonlyMap<string, number>;
  /** The first room of the list. New characters begin there, and those that are on no map with a number. */
  readonly first: { readonly map: string; readonly at: Spot };

  constructor(maps: ReadonlyMap<number, string>, spawn: Spot) {
    const [first] = maps.values();
    if (first === undefined) throw new Error("no rooms");
    this.#maps = maps;
    this.#numbers = new Map([...maps].map(([number, map]) => [map, number]));
    this.first = { map: first, at: spawn };
  }

  mapOf(number: number): string | undefined {
    return this.#maps.get(number);
  }

  numberOf(map: string): number | undefined {
    return this.#numbers.get(map);
  }
}

/** The limit of the client. */
const roomMax = 1_000;

/** Reads a list like `1=meadow,2=grove`. Null if it is none, or if it names a room or a map twice. */
export function readRooms(text: string): ReadonlyMap<number, string> | null {
  const entries = text.split(",").map((each) => /^\s*(\d{1,4})=([a-z\d][a-z\d_@-]{0,10})\s*$/.exec(each));
  const maps = new Map(entries.map((entry) => [Number(entry?.[1]), entry?.[2] ?? ""]));
  const isList = entries.every((entry) => entry !== null && Number(entry[1]) <= roomMax);
  const areDifferent = maps.size === entries.length && new Set(maps.values()).size === entries.length;
  return isList && areDifferent ? maps : null;
}

const placeMax = 0xffff;

/** Reads a place like `160,120`. Null if it is none. */
export function readSpot(text: string): Spot | null {
  const [, x, y] = /^\s*(\d{1,5})\s*,\s*(\d{1,5})\s*$/.exec(text) ?? [];
  const spot = { x: Number(x), y: Number(y) };
  return x !== undefined && spot.x <= placeMax && spot.y <= placeMax ? spot : null;
}
