import type { Cell, CharId, MapEntered } from "@sallyport/domain";
import type { Actor, GameEvent } from "@sallyport/sdk";
import { edited } from "./key-input.ts";
import type { Key } from "./keys.ts";
import type { Happening, LogLine, MapScreen, State, Step } from "./state.ts";
import { perform, stay } from "./step.ts";

const logLinesMax = 100;
const sayCharsMax = 200;
/**
 * If no step is reported for this time, the player is assumed to stand. If `patienceSteps` steps take longer,
 * their time is used instead.
 */
const patienceMs = 1_500;
const patienceSteps = 3;
/** Maximum distance in cells from the player to the target. */
const aheadCellsMax = 5;
export const wall = 1;
export const warp = 2;

type Direction = readonly [number, number];
const north: Direction = [0, -1];
const south: Direction = [0, 1];
const west: Direction = [-1, 0];
const east: Direction = [1, 0];

/** Arrow keys, WASD, and the keys of vi. */
const directions: ReadonlyMap<string, Direction> = new Map<string, Direction>([
  ["up", north],
  ["down", south],
  ["left", west],
  ["right", east],
  ["w", north],
  ["s", south],
  ["a", west],
  ["d", east],
  ["k", north],
  ["j", south],
  ["h", west],
  ["l", east],
  ["y", [-1, -1]],
  ["u", [1, -1]],
  ["b", [-1, 1]],
  ["n", [1, 1]],
]);

export function mapScreen(name: string, place: MapEntered): MapScreen {
  const { name: charName, position } = place;
  return {
    at: "map",
    name,
    charName,
    place,
    position,
    actors: new Map(),
    log: [],
    typing: null,
    target: null,
    warps: warpsOf(place),
  };
}

function warpsOf({ width, cells }: MapEntered): readonly Cell[] {
  const warps: Cell[] = [];
  for (let at = cells.indexOf(warp); at >= 0; at = cells.indexOf(warp, at + 1))
    warps.push({ x: at % width, y: Math.floor(at / width) });
  return warps;
}

export function cellAt({ width, height, cells }: MapEntered, x: number, y: number): number | undefined {
  return x >= 0 && y >= 0 && x < width && y < height ? cells[y * width + x] : undefined;
}

export function updateMap(state: State, screen: MapScreen, key: Key, nowMs: number): Step {
  if (screen.typing !== null) return type(state, screen, screen.typing, key);
  const pressed = key.type === "named" ? key.name : key.text;
  const direction = directions.get(pressed);
  if (direction !== undefined) return walk(state, screen, direction, nowMs);
  switch (pressed) {
    case "enter":
    case "t":
      return stay({ ...state, screen: { ...screen, typing: "" } });
    case "c":
      return perform(state, { type: "back" });
    case "q":
      return perform(state, { type: "quit" });
    default:
      return stay(state);
  }
}

function type(state: State, screen: MapScreen, typed: string, key: Key): Step {
  const set = (typing: string | null): State => ({ ...state, screen: { ...screen, typing } });
  if (key.type === "named" && key.name === "escape") return stay(set(null));
  if (key.type === "named" && key.name === "enter") {
    const text = typed.trim();
    return text === "" ? stay(set(null)) : perform(set(null), { type: "say", text });
  }
  return stay(set(edited(key, typed, sayCharsMax) ?? typed));
}

/*
 * Each key moves the target by one cell, so quick keys add up. A held key repeats faster than the player
 * walks, so the distance is bounded.
 */
function walk(state: State, screen: MapScreen, [dx, dy]: Direction, nowMs: number): Step {
  const { position, place } = screen;
  const from = isStanding(screen, nowMs) ? position : (screen.target ?? position);
  const to = { x: from.x + dx, y: from.y + dy };
  const cell = cellAt(place, to.x, to.y);
  if (cell === undefined || cell === wall || distanceOf(position, to) > aheadCellsMax) return stay(state);
  const next = { ...state, screen: { ...screen, target: { ...to, heardMs: nowMs } } };
  return perform(next, { type: "walk", ...to });
}

function isStanding({ target, place }: MapScreen, nowMs: number): boolean {
  return target === null || nowMs - target.heardMs >= Math.max(patienceMs, place.stepMs * patienceSteps);
}

export const distanceOf = (a: Cell, b: Cell): number => Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y));

type MapHappening = Extract<Happening, { type: "walked" | "said" | "game-event" }>;

export function applyGameEvent(screen: MapScreen, happening: MapHappening, nowMs: number): MapScreen {
  switch (happening.type) {
    case "walked":
      return happening.steps === 0 ? { ...screen, target: null } : screen;
    case "said":
      return screen;
    case "game-event":
      return apply(screen, happening.event, nowMs);
  }
}

function apply(screen: MapScreen, event: GameEvent, nowMs: number): MapScreen {
  switch (event.type) {
    case "actor.appeared": {
      const { type: _, ...actor } = event;
      return { ...screen, actors: withActor(screen.actors, actor) };
    }
    case "actor.moved":
      return move(screen, event, nowMs);
    case "actor.vanished": {
      const actors = new Map(screen.actors);
      actors.delete(event.charId);
      return { ...screen, actors };
    }
    case "actor.said": {
      const isOwn = event.charId === screen.place.charId;
      return withLine(screen, { name: event.name, text: event.text, isOwn });
    }
    case "map.changed": {
      const { type: _, ...place } = event;
      const moved: MapScreen = {
        ...screen,
        ...{ place, position: place.position, warps: warpsOf(place) },
        actors: new Map(),
        target: null,
      };
      return withLine(moved, { name: null, text: `You are on ${place.position.map} now.`, isOwn: false });
    }
    case "game.event":
    case "character.changed":
    case "actor.changed":
    // The screen has no key for a click, so nothing is said or offered to it.
    case "dialogue.said":
    case "dialogue.asked":
    case "dialogue.paused":
    case "dialogue.ended":
    case "shop.offered":
    case "client.kicked":
      return screen;
  }
}

function move(screen: MapScreen, { charId, x, y }: Cell & { charId: CharId }, nowMs: number): MapScreen {
  if (charId === screen.place.charId) {
    const hasArrived = screen.target?.x === x && screen.target.y === y;
    const target = hasArrived || screen.target === null ? null : { ...screen.target, heardMs: nowMs };
    return { ...screen, position: { ...screen.position, x, y }, target };
  }
  const actor = screen.actors.get(charId);
  return actor === undefined ? screen : { ...screen, actors: withActor(screen.actors, { ...actor, x, y }) };
}

const withActor = (actors: ReadonlyMap<CharId, Actor>, actor: Actor): Map<CharId, Actor> =>
  new Map(actors).set(actor.charId, actor);

const withLine = (screen: MapScreen, logLine: LogLine): MapScreen => ({
  ...screen,
  log: [...screen.log, logLine].slice(-logLinesMax),
});
