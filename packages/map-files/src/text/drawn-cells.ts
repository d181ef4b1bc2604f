import { cellKinds, sideCellsMax, sideCellsMin } from "@sallyport/map-world";
import type { Ground } from "../ground/ground.ts";
import { quote, wrong } from "../map-file-error.ts";

/**
 * Parses the drawn cells. `start` is the index of the first line after the header, counted from 0. Throws
 * `MapFileError`.
 */
export function parseDrawnCells(lines: readonly string[], start: number, source: string): Ground {
  const fail = (line: number, problem: string) => wrong(`${source}:${line}`, problem);
  let end = lines.length;
  while (end > start && lines[end - 1] === "") end--;
  const height = end - start;
  const width = lines[start]?.length ?? 0;
  if (height < sideCellsMin || height > sideCellsMax) {
    throw fail(end, `a map has ${sideCellsMin} to ${sideCellsMax} rows of cells, this one has ${height}`);
  }
  if (width < sideCellsMin || width > sideCellsMax) {
    throw fail(start + 1, `a row has ${sideCellsMin} to ${sideCellsMax} cells, this one has ${width}`);
  }
  const cells = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = lines[start + y] ?? "";
    if (row.length !== width) {
      throw fail(start + y + 1, `this row has ${row.length} cells, the first has ${width}`);
    }
    for (let x = 0; x < width; x++) {
      if (row[x] === "#") cells[y * width + x] = cellKinds.wall;
      else if (row[x] !== ".") {
        throw fail(start + y + 1, `a cell is "#" or ".", and ${quote(row[x] ?? "")} at x ${x} is not`);
      }
    }
  }
  return { width, height, cells };
}
