/** Characters stand on square maps, in rows, at equal distances. */
export interface Places {
  readonly maps: readonly string[];
  /** The length of each side of a map in cells. The walls are included. */
  readonly side: number;
  readonly perRow: number;
  readonly perMap: number;
  /** If this is 0, all characters stand on one cell. */
  readonly cellsApart: number;
}

/** The first character of each map has this x and this y. */
export const firstCell = 2;
/** Each map has this many cells behind the last character of a row. */
const margin = 8;

/** Distributes the characters over as few maps as possible. No side of a map is longer than `sideMax`. */
export function placesFor(
  characters: number,
  { cellsApart, sideMax }: { readonly cellsApart: number; readonly sideMax: number },
): Places {
  const perRowMax = cellsApart === 0 ? characters : Math.floor((sideMax - margin) / cellsApart);
  const perRow = Math.min(perRowMax, Math.ceil(Math.sqrt(characters)));
  const perMap = cellsApart === 0 ? characters : perRow ** 2;
  return {
    maps: Array.from({ length: Math.ceil(characters / perMap) }, (_, nth) => `field${nth + 1}`),
    side: perRow * cellsApart + margin,
    ...{ perRow, perMap, cellsApart },
  };
}
