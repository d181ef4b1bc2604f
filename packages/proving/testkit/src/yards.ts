import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Yards {
  /** Each map leads to the next, and the last to the first. */
  readonly names: readonly string[];
  /** Length of a side in cells, including the walls. */
  readonly side: number;
}

/** Writes maps: walled yards with one warp each, two cells from the corner opposite to the entrance. */
export function writeYards(folder: string, { names, side }: Yards): void {
  mkdirSync(folder, { recursive: true });
  const warp = side - 2;
  for (const [index, name] of names.entries()) {
    const next = names[(index + 1) % names.length];
    const rows = Array.from({ length: side }, (_, y) =>
      y === 0 || y === side - 1 ? "#".repeat(side) : `#${".".repeat(side - 2)}#`,
    );
    const header = [`name: ${name}`, `title: ${name}`, "spawn: 2,2", `warp: ${warp},${warp} -> ${next}:3,3`];
    writeFileSync(join(folder, `${name}.map`), `${[...header, "", ...rows].join("\n")}\n`);
  }
}
