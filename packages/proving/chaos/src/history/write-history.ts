import { writeFileSync } from "node:fs";
import type { History } from "./history.ts";

/** Writes the whole history to a file, one JSON object a line, in the order of the times. */
export function writeHistory(file: string, { facts, audit }: History): void {
  const lines = [...facts, ...audit].sort((a, b) => a.atMs - b.atMs);
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
}
