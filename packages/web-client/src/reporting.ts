import { type Cell, cellOf, type MapEntered, unitsPerCellOf } from "@sallyport/domain";
import { arrive } from "./acting.ts";
import { isSame, isWalkable, placeOf, within } from "./cells.ts";
import { type MapCommand, type MapScreen, type MapStep, only } from "./map-screen.ts";
import { placeAt, stepTo } from "./motion.ts";

/*
 * On a map where clients report where they are, the page moves its player by itself, in strides. It reports
 * each place where the player is, one report at a time. The server has the last word.
 */

/** The longest stride. A page in the background is woken seldom, and its player must not jump. */
const strideMsMax = 150;
/** A figure glides a little longer than a stride takes, so that it does not stop before the next one. */
const glide = 1.2;
/** Clocks differ, and positions are rounded. So the page keeps a little below the greatest speed. */
const speedPart = 0.95;
const piecesPerCell = 8;

type ReportCommand = Extract<MapCommand, { readonly type: "report" }>;

/** Whether `stride` has something to do as time passes. */
export const isStriding = ({ reporting, heading, target, position }: MapScreen): boolean =>
  reporting !== null && (heading !== null || target !== null || !isSame(position, reporting.accepted));

/** Moves the player for the time since the last stride, and reports where it is. */
export function stride(screen: MapScreen, nowMs: number): MapStep {
  const { reporting, place, motion } = screen;
  if (reporting === null) return only(screen);
  const ms = Math.min(nowMs - reporting.strideMs, strideMsMax);
  const { at, hasEnded } = moved(screen, (speedOn(place) * ms) / 1_000);
  const to = placeOf(place, at);
  const next: MapScreen = {
    ...screen,
    ...(hasEnded && { target: null }),
    position: { ...screen.position, x: Math.floor(at.x), y: Math.floor(at.y) },
    motion: isSame(to, motion.to)
      ? motion
      : { from: placeAt(motion, nowMs), to, startMs: nowMs, durationMs: ms * glide },
    reporting: { ...reporting, exact: at, strideMs: nowMs },
  };
  const told = report(next);
  const arrived = hasEnded ? arrive(told.screen) : only(told.screen);
  return { screen: arrived.screen, commands: [...told.commands, ...arrived.commands] };
}

/** The server has accepted a report. */
export function reported(screen: MapScreen, { map, x, y }: Omit<ReportCommand, "type">): MapStep {
  const { reporting, position } = screen;
  if (reporting === null || position.map !== map) return only(screen);
  return report({ ...screen, reporting: { ...reporting, accepted: { x, y }, isAsked: false } });
}

/** The player is where the last report was accepted. It goes on from there. */
export function reportRefused(screen: MapScreen, { map }: ReportCommand, nowMs: number): MapScreen {
  const { reporting, position, place, motion } = screen;
  if (reporting === null || position.map !== map) return screen;
  const { accepted } = reporting;
  return {
    ...screen,
    position: { map, ...accepted },
    motion: stepTo(motion, placeOf(place, accepted), { nowMs, durationMs: strideMsMax, jumpCells: 2 }),
    reporting: { ...reporting, exact: accepted, isAsked: false },
  };
}

function report(screen: MapScreen): MapStep {
  const { reporting, position } = screen;
  if (reporting === null || reporting.isAsked || isSame(position, reporting.accepted)) return only(screen);
  return {
    screen: { ...screen, reporting: { ...reporting, isAsked: true } },
    commands: [{ type: "report", ...position }],
  };
}

/** In units per second: as fast as on other maps, if the map allows it. */
function speedOn(place: MapEntered): number {
  const usual = (unitsPerCellOf(place) * 1_000) / place.stepMs;
  return Math.min(usual, (place.movement?.greatestSpeed ?? usual) * speedPart);
}

/** Goes straight, until the way or the units are over. Held keys lead along walls; a walk to a target ends there. */
function moved(screen: MapScreen, units: number): { readonly at: Cell; readonly hasEnded: boolean } {
  const { reporting, heading, target, place } = screen;
  let at = reporting?.exact ?? screen.position;
  const way = wayOf(at, heading === null ? target : { x: at.x + heading.dx, y: at.y + heading.dy });
  if (way === null) return { at, hasEnded: target !== null };
  const isAll = heading === null && units >= way.length;
  const length = isAll ? way.length : units;
  // The pieces are short, so that the player comes close to a wall and passes none.
  const pieces = Math.ceil((piecesPerCell * length) / unitsPerCellOf(place));
  for (let piece = 0; piece < pieces; piece += 1) {
    const [dx, dy] = [(way.dx * length) / pieces, (way.dy * length) / pieces];
    const ways =
      heading === null
        ? [{ dx, dy }]
        : [
            { dx, dy },
            { dx, dy: 0 },
            { dx: 0, dy },
          ];
    const next = ways
      .map((each) => within(place, { x: at.x + each.dx, y: at.y + each.dy }))
      .find((to) => isFree(place, at, to));
    if (next === undefined) return { at, hasEnded: heading === null };
    at = next;
  }
  return { at: isAll && target !== null ? target : at, hasEnded: isAll };
}

interface Way {
  /** The direction, of length 1. */
  readonly dx: number;
  readonly dy: number;
  readonly length: number;
}

function wayOf(from: Cell, to: Cell | null): Way | null {
  if (to === null) return null;
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy);
  return length === 0 ? null : { dx: dx / length, dy: dy / length, length };
}

/** The server lets a player into walls. One that is in a wall can leave it. */
function isFree(place: MapEntered, from: Cell, to: Cell): boolean {
  const [here, there] = [cellOf(from, unitsPerCellOf(place)), cellOf(to, unitsPerCellOf(place))];
  return isWalkable(place, there.x, there.y) || !isWalkable(place, here.x, here.y);
}
