/** Where characters stand: on square maps, in rows, at equal distances. */
export interface Places {
  readonly maps: readonly string[];
  /** Length of a side of each map in cells, including the walls. */
  readonly side: number;
  readonly perRow: number;
  readonly perMap: number;
  /** 0: all stand on one cell. */
  readonly cellsApart: number;
}

/** The cell of the first character of each map, in both directions. */
export const firstCell = 2;
/** Cells beyond the place of the last character of a row. */
const margin = 8;

/** Places for so many characters, on as many maps of at most `sideMax` cells as they need. */
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
