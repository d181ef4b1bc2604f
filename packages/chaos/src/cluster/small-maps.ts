import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const side = 10;
/** Each leads to the next. */
export const mapNames = ["north", "south", "east"] as const;
export const warpCell = { x: 8, y: 8 };
export const spawn = "north:2,2";

/** Walled yards with one warp each, so small that everybody is always on the way to another. */
export function writeSmallMaps(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [index, name] of mapNames.entries()) {
    const next = mapNames[(index + 1) % mapNames.length];
    const rows = Array.from({ length: side }, (_, y) =>
      y === 0 || y === side - 1 ? "#".repeat(side) : `#${".".repeat(side - 2)}#`,
    );
    const { x, y } = warpCell;
    const header = [`name: ${name}`, `title: ${name}`, "spawn: 2,2", `warp: ${x},${y} -> ${next}:3,3`];
    writeFileSync(join(folder, `${name}.map`), `${[...header, "", ...rows].join("\n")}\n`);
  }
}
