import { type GridMap, middleOf, type Warp } from "@sallyport/map-world";

/**
 * Map files say to which cell a warp leads. A map with reported movement needs a position in units: the middle
 * of the cell. All maps to which the warps lead must be among `maps`.
 */
export function leadWarps(maps: readonly GridMap[]): readonly GridMap[] {
  const reported = new Map(
    maps.flatMap((map) => (map.movement.kind === "reported" ? [[map.name, map]] : [])),
  );
  const lead = (warp: Warp): Warp => {
    const target = reported.get(warp.to.map);
    return target === undefined ? warp : { ...warp, to: { map: target.name, ...middleOf(target, warp.to) } };
  };
  return maps.map((map) =>
    map.warps.some(({ to }) => reported.has(to.map)) ? map.withWarps(map.warps.map(lead)) : map,
  );
}
