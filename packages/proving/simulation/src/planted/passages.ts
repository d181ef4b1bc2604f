import { readFileSync } from "node:fs";
import type { Passages } from "./passage-watch.ts";
import { rootFolder, type SourceFault } from "./source-fault.ts";

export interface Mapped {
  readonly sources: readonly string[];
  readonly mappings: string;
}

/** A place in the bundled code, and its origin in a source. */
interface Mapping {
  readonly line: number;
  readonly column: number;
  readonly of: { readonly source: number; readonly line: number; readonly column: number };
}

/**
 * Returns the places of each fault's quoted source in the bundled code. The list of a fault is empty if the
 * code does not contain this source. `pathOf` returns the path of a source for its name in the source map.
 */
export function passagesIn(
  code: string,
  { sources, mappings }: Mapped,
  faults: readonly SourceFault[],
  pathOf: (source: string) => string,
): Passages {
  const lineStarts = startsOf(code);
  const places = new Map<number, Mapping[]>();
  for (const mapping of decode(mappings)) {
    const { source } = mapping.of;
    const ofSource = places.get(source) ?? [];
    ofSource.push(mapping);
    places.set(source, ofSource);
  }
  const bySource = new Map(sources.map((source, index) => [pathOf(source), index]));
  return faults.map(({ file, find }) => {
    const path = rootFolder + file;
    const source = bySource.get(path);
    if (source === undefined) return [];
    const text = readFileSync(path, "utf8");
    const [from, starts] = [text.indexOf(find), startsOf(text)];
    return (places.get(source) ?? []).flatMap(({ line, column, of }) => {
      const at = (starts[of.line] ?? 0) + of.column;
      return at >= from && at < from + find.length ? [(lineStarts[line] ?? 0) + column] : [];
    });
  });
}

function startsOf(text: string): readonly number[] {
  return [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
}

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/**
 * Decodes the numbers of a segment of a source map. Each base 64 digit holds five bits and a flag that says
 * that more digits follow. The lowest bit of a number is its sign.
 */
function numbersIn(segment: string): readonly number[] {
  const numbers: number[] = [];
  let [value, shift] = [0, 0];
  for (const digit of segment) {
    const bits = digits.indexOf(digit);
    value += (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    [value, shift] = [0, 0];
  }
  return numbers;
}

/**
 * Decodes the mappings of a source map. All numbers of a segment are relative to the previous segment. On
 * each line of the code, the column starts from zero.
 */
function decode(mappings: string): readonly Mapping[] {
  let [source, line, column] = [0, 0, 0];
  return mappings.split(";").flatMap((segments, inCode) => {
    let at = 0;
    return segments.split(",").flatMap((segment) => {
      const [atBy = 0, sourceBy, lineBy = 0, columnBy = 0] = numbersIn(segment);
      at += atBy;
      if (sourceBy === undefined) return [];
      [source, line, column] = [source + sourceBy, line + lineBy, column + columnBy];
      return [{ line: inCode, column: at, of: { source, line, column } }];
    });
  });
}
