import type { GridMap, Warp } from "@sallyport/map-world";

/**
 * Map files say to which cell a warp leads. A map with reported movement needs a position in units: the middle
 * of the cell. All maps to which the warps lead must be among `maps`.
 */
export function leadWarps(maps: readonly GridMap[]): readonly GridMap[] {
  const unitsPerCell = new Map<string, number>();
  for (const { name, movement } of maps) {
    if (movement.kind === "reported") unitsPerCell.set(name, movement.unitsPerCell);
  }
  const lead = (warp: Warp): Warp => {
    const units = unitsPerCell.get(warp.to.map);
    if (units === undefined) return warp;
    const middle = Math.floor(units / 2);
    const { map, x, y } = warp.to;
    return { ...warp, to: { map, x: x * units + middle, y: y * units + middle } };
  };
  return maps.map((map) =>
    map.warps.some(({ to }) => unitsPerCell.has(to.map)) ? map.withWarps(map.warps.map(lead)) : map,
  );
}
