import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Yard {
  readonly name: string;
  /** The map to which the warp of this yard leads. */
  readonly next: string;
  /** Length of a side in cells, including the walls. */
  readonly side: number;
  /** Lines of the header, such as `object: mara Mara 4,4`. */
  readonly objects?: readonly string[] | undefined;
}

/** The cell of the only warp of a yard: in the corner opposite to the entrance. */
export const warpOf = (side: number) => ({ x: side - 2, y: side - 2 });

/** A walled map with one warp, in the format of map files. */
export function yard({ name, next, side, objects = [] }: Yard): string {
  const { x, y } = warpOf(side);
  const wall = "#".repeat(side);
  const rows = [wall, ...Array(side - 2).fill(`#${".".repeat(side - 2)}#`), wall];
  const header = [`name: ${name}`, "spawn: 2,2", `warp: ${x},${y} -> ${next}:3,3`, ...objects];
  return [...header, "", ...rows, ""].join("\n");
}

/**
 * Writes one map file for each name. The warp of each map leads to the next map, and the warp of the last map
 * leads to the first. `objects` are those of each map, by its name.
 */
export function writeYards(
  folder: string,
  names: readonly string[],
  side: number,
  objects: Readonly<Record<string, readonly string[]>> = {},
): void {
  mkdirSync(folder, { recursive: true });
  for (const [index, name] of names.entries()) {
    const next = names[(index + 1) % names.length] ?? name;
    writeFileSync(join(folder, `${name}.map`), yard({ name, next, side, objects: objects[name] }));
  }
}
