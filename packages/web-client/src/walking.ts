import { type Cell, distanceCells, type MapEntered } from "@sallyport/domain";
import { isSame, isWalkable, within } from "./cells.ts";
import { type Heading, type MapScreen, type MapStep, only } from "./map-screen.ts";

/** While keys are held, the target is this many cells ahead. */
const aheadCells = 3;

/** The player wants to go to a position, and no longer to an actor. */
export function walkTo(screen: MapScreen, { x, y }: Cell): MapStep {
  if (screen.reporting !== null)
    return only({ ...screen, target: within(screen.place, { x, y }), approach: null });
  const next = { ...screen, target: { x, y }, approach: null };
  return { screen: next, commands: isSame({ x, y }, screen.position) ? [] : [{ type: "walk", x, y }] };
}

/** The player holds other keys now. After a release, the walk ends at the next cell. */
export function head(screen: MapScreen, heading: Heading | null): MapStep {
  const turned = { ...screen, heading };
  // The next stride follows the keys, and the last one has ended where they were released.
  if (screen.reporting !== null) return only({ ...turned, target: null, approach: null });
  if (heading !== null) return walkTo(turned, ahead(turned, heading, aheadCells));
  const { heading: before, position, target } = screen;
  const isFar = target !== null && distanceCells(target, position) > 1;
  return before === null || !isFar ? only(turned) : walkTo(turned, ahead(turned, before, 1));
}

/** Continues a walk with held keys. */
export function keepHeading(screen: MapScreen): MapStep {
  const { heading, position, target, reporting } = screen;
  if (heading === null || reporting !== null) return only(screen);
  if (target !== null && distanceCells(target, position) >= aheadCells - 1) return only(screen);
  const to = ahead(screen, heading, aheadCells);
  return target !== null && isSame(to, target) ? only(screen) : walkTo(screen, to);
}

/**
 * Returns the last free cell in a direction. A diagonal way that a wall blocks goes on along the wall, so that
 * a player with two held keys does not stick to it.
 */
function ahead({ place, position }: MapScreen, { dx, dy }: Heading, cells: number): Cell {
  let at: Cell = { x: position.x, y: position.y };
  for (let step = 0; step < cells; step += 1) {
    const ways = [
      { dx, dy },
      { dx, dy: 0 },
      { dx: 0, dy },
    ];
    const way = ways.find((each) => (each.dx !== 0 || each.dy !== 0) && isFree(place, at, each));
    if (way === undefined) break;
    at = { x: at.x + way.dx, y: at.y + way.dy };
  }
  return at;
}

/** A diagonal step needs floor on both cells beside it. */
function isFree(place: MapEntered, { x, y }: Cell, { dx, dy }: Heading): boolean {
  return isWalkable(place, x + dx, y + dy) && isWalkable(place, x + dx, y) && isWalkable(place, x, y + dy);
}
