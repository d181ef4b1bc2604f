import type { Cell, CharId, MapEntered, Position } from "@sallyport/domain";
import type { Actor, GameEvent } from "@sallyport/sdk";
import { type Motion, standing, stepTo } from "./motion.ts";
import { type Surroundings, surroundingsOf } from "./surroundings.ts";

/** Another actor, as it is drawn. */
export interface Seen extends Actor {
  readonly motion: Motion;
}

export interface MapScreen {
  readonly at: "map";
  readonly place: MapEntered;
  readonly position: Position;
  readonly motion: Motion;
  readonly actors: ReadonlyMap<CharId, Seen>;
  readonly log: readonly LogLine[];
  /** The newest line of each speaker. */
  readonly speech: ReadonlyMap<CharId, Speech>;
  /** The direction of the keys that the player holds. */
  readonly heading: Heading | null;
  /** The cell to which the player asked to walk. Null if the player stands, as far as the page knows. */
  readonly target: Cell | null;
}

export interface Speech {
  readonly text: string;
  readonly untilMs: number;
}

/** Each part is -1, 0 or 1, and not both are 0. */
export interface Heading {
  readonly dx: number;
  readonly dy: number;
}

export type LogLine = { readonly id: number } & (
  | { readonly kind: "said"; readonly name: string; readonly text: string; readonly isOwn: boolean }
  | { readonly kind: "arrived"; readonly map: string }
  | { readonly kind: "no-path" }
  | ({ readonly kind: "surroundings" } & Surroundings)
);
type Told<Line = LogLine> = Line extends LogLine ? Omit<Line, "id"> : never;

const logLinesMax = 100;
const speechMs = 5_000;
/** While keys are held, the target is this many cells ahead. */
const aheadCells = 3;

export function mapScreen(place: MapEntered): MapScreen {
  const screen: MapScreen = {
    at: "map",
    place,
    position: place.position,
    motion: standing(place.position),
    actors: new Map(),
    log: [],
    speech: new Map(),
    heading: null,
    target: null,
  };
  return withLine(screen, { kind: "arrived", map: place.position.map });
}

/** The same player is on a map again, after the connection was lost. */
export const enteredAgain = ({ log }: MapScreen, place: MapEntered): MapScreen =>
  withLine({ ...mapScreen(place), log }, { kind: "arrived", map: place.position.map });

export function withLine(screen: MapScreen, line: Told): MapScreen {
  const id = (screen.log.at(-1)?.id ?? 0) + 1;
  return { ...screen, log: [...screen.log, { id, ...line } as LogLine].slice(-logLinesMax) };
}

export const lookAround = (screen: MapScreen): MapScreen =>
  withLine(screen, { kind: "surroundings", ...surroundingsOf(screen) });

/** Returns the screen, and the cell to walk to. The cell is null if there is nothing to ask for. */
export interface Walk {
  readonly screen: MapScreen;
  readonly to: Cell | null;
}

/** The player holds other keys now. After a release, the walk ends at the next cell. */
export function head(screen: MapScreen, heading: Heading | null): Walk {
  const turned = { ...screen, heading };
  if (heading !== null) return walkTo(turned, ahead(turned, heading, aheadCells));
  const { heading: before, position, target } = screen;
  const isFar = target !== null && distanceOf(target, position) > 1;
  return before === null || !isFar ? { screen: turned, to: null } : walkTo(turned, ahead(turned, before, 1));
}

export function walkTo(screen: MapScreen, to: Cell): Walk {
  return { screen: { ...screen, target: to }, to: isSame(to, screen.position) ? null : to };
}

/** Continues a walk with held keys. */
function keepHeading(screen: MapScreen): Walk {
  const { heading, position, target } = screen;
  if (heading === null) return { screen, to: null };
  if (target !== null && distanceOf(target, position) >= aheadCells - 1) return { screen, to: null };
  const to = ahead(screen, heading, aheadCells);
  return target !== null && isSame(to, target) ? { screen, to: null } : walkTo(screen, to);
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

const wall = 1;
export const warp = 2;

export function cellAt({ width, height, cells }: MapEntered, x: number, y: number): number {
  return x >= 0 && y >= 0 && x < width && y < height ? (cells[y * width + x] ?? wall) : wall;
}
export const isWalkable = (place: MapEntered, x: number, y: number): boolean => cellAt(place, x, y) !== wall;

const distanceOf = (a: Cell, b: Cell): number => Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y));
const isSame = (a: Cell, b: Cell): boolean => a.x === b.x && a.y === b.y;

export function applyGameEvent(screen: MapScreen, event: GameEvent, nowMs: number): Walk {
  const stay = (next: MapScreen): Walk => ({ screen: next, to: null });
  switch (event.type) {
    case "actor.appeared": {
      const { type: _, ...actor } = event;
      const actors = new Map(screen.actors).set(actor.charId, { ...actor, motion: standing(actor) });
      return stay({ ...screen, actors });
    }
    case "actor.moved":
      return move(screen, event, nowMs);
    case "actor.vanished": {
      const actors = new Map(screen.actors);
      actors.delete(event.charId);
      return stay({ ...screen, actors });
    }
    case "actor.said": {
      const { charId, name, text } = event;
      const speech = new Map(screen.speech).set(charId, { text, untilMs: nowMs + speechMs });
      const isOwn = charId === screen.place.charId;
      return stay(withLine({ ...screen, speech }, { kind: "said", name, text, isOwn }));
    }
    case "map.changed": {
      const { type: _, ...place } = event;
      return stay({ ...enteredAgain(screen, place), heading: screen.heading });
    }
    case "dialogue.said":
    case "dialogue.asked":
    case "dialogue.paused":
    case "dialogue.ended":
    case "shop.offered":
    case "client.kicked":
      return stay(screen);
  }
}

function move(screen: MapScreen, event: Cell & { readonly charId: CharId }, nowMs: number): Walk {
  const { charId, x, y } = event;
  const { stepMs } = screen.place;
  if (charId === screen.place.charId) {
    const { target } = screen;
    const hasArrived = target !== null && isSame(target, { x, y });
    return keepHeading({
      ...screen,
      position: { ...screen.position, x, y },
      motion: stepTo(screen.motion, { x, y }, stepMs, nowMs),
      target: hasArrived ? null : target,
    });
  }
  const actor = screen.actors.get(charId);
  if (actor === undefined) return { screen, to: null };
  const motion = stepTo(actor.motion, { x, y }, stepMs, nowMs);
  return {
    screen: { ...screen, actors: new Map(screen.actors).set(charId, { ...actor, x, y, motion }) },
    to: null,
  };
}
