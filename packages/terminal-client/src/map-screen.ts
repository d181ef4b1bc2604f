import {
  type Cell,
  type CharId,
  cellOf,
  distanceCells,
  type MapEntered,
  middleOf,
  unitsPerCellOf,
} from "@sallyport/domain";
import type { Actor, GameEvent } from "@sallyport/sdk";
import { edited } from "./key-input.ts";
import type { Key } from "./keys.ts";
import { actOn, meantActor, nextActor } from "./near.ts";
import type { Command, Happening, LogLine, MapScreen, State, Step } from "./state.ts";
import { perform, stay, trouble } from "./step.ts";
import { hear, talkKey } from "./talk.ts";
import { readLine, shownValue } from "./typed-line.ts";

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
    reportedMs: Number.NEGATIVE_INFINITY,
    warps: warpsOf(place),
    chosen: null,
    talk: null,
    character: {},
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
  const talked = screen.talk === null ? null : talkKey(screen.talk, key);
  if (talked !== null) {
    const next = { ...state, screen: { ...screen, talk: talked.talk } };
    return talked.command === null ? stay(next) : perform(next, talked.command);
  }
  const pressed = key.type === "named" ? key.name : key.text;
  const direction = directions.get(pressed);
  if (direction !== undefined) return walk(state, screen, direction, nowMs);
  switch (pressed) {
    case "tab":
      return stay({ ...state, screen: { ...screen, chosen: nextActor(screen) } });
    case " ":
    case "e": {
      const actor = meantActor(screen);
      return actor === undefined ? stay(state) : perform(state, actOn(actor));
    }
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
    if (text === "") return stay(set(null));
    const asked = readLine(text);
    if ("type" in asked) return perform(set(null), asked);
    if ("problem" in asked) return stay({ ...set(typed), notice: trouble(asked.problem) });
    return stay({ ...state, screen: withNote({ ...screen, typing: null }, asked.help) });
  }
  return stay(set(edited(key, typed, sayCharsMax) ?? typed));
}

function walk(state: State, screen: MapScreen, direction: Direction, nowMs: number): Step {
  return screen.place.movement === null
    ? walkAhead(state, screen, direction, nowMs)
    : stepBeside(state, screen, direction, { nowMs, ...screen.place.movement });
}

/** Clocks differ, and positions are rounded. So the client keeps a little below the greatest speed. */
const speedPart = 0.95;

/**
 * On a map where clients report where they are, each key is one step, as fast as on other maps if the map allows it.
 * Keys that come sooner are passed over, as a held key sends them.
 */
function stepBeside(
  state: State,
  screen: MapScreen,
  [dx, dy]: Direction,
  { nowMs, greatestSpeed }: { readonly nowMs: number; readonly greatestSpeed: number },
): Step {
  const { position, place } = screen;
  const from = cellOf(position, unitsPerCellOf(place));
  const to = { x: from.x + dx, y: from.y + dy };
  const cell = cellAt(place, to.x, to.y);
  if (cell === undefined || cell === wall) return stay(state);
  const at = middleOf(to, unitsPerCellOf(place));
  const wayMs = (Math.hypot(at.x - position.x, at.y - position.y) * 1_000) / (greatestSpeed * speedPart);
  if (nowMs - screen.reportedMs < Math.max(place.stepMs, wayMs)) return stay(state);
  const next = { ...state, screen: { ...screen, reportedMs: nowMs } };
  return perform(next, { type: "report", map: position.map, ...at });
}

/*
 * Each key moves the target by one cell, so quick keys add up. A held key repeats faster than the player
 * walks, so the distance is bounded.
 */
function walkAhead(state: State, screen: MapScreen, [dx, dy]: Direction, nowMs: number): Step {
  const { position, place } = screen;
  const from = isStanding(screen, nowMs) ? position : (screen.target ?? position);
  const to = { x: from.x + dx, y: from.y + dy };
  const cell = cellAt(place, to.x, to.y);
  if (cell === undefined || cell === wall || distanceCells(position, to) > aheadCellsMax) return stay(state);
  const next = { ...state, screen: { ...screen, target: { ...to, heardMs: nowMs } } };
  return perform(next, { type: "walk", ...to });
}

function isStanding({ target, place }: MapScreen, nowMs: number): boolean {
  return target === null || nowMs - target.heardMs >= Math.max(patienceMs, place.stepMs * patienceSteps);
}

type MapHappening = Extract<Happening, { type: "walked" | "reported" | "game-event" }>;

export function applyGameEvent(screen: MapScreen, happening: MapHappening, nowMs: number): MapScreen {
  switch (happening.type) {
    case "walked":
      return happening.steps === 0 ? { ...screen, target: null } : screen;
    case "reported": {
      const { map, x, y } = happening;
      return map === screen.position.map ? { ...screen, position: { map, x, y } } : screen;
    }
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
      const { chosen, talk } = screen;
      const isChosen = chosen === event.charId;
      const isTalking = talk?.actor === event.charId;
      return { ...screen, actors, chosen: isChosen ? null : chosen, talk: isTalking ? null : talk };
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
        ...{ target: null, chosen: null, talk: null },
      };
      return withNote(moved, `You are on ${place.position.map} now.`);
    }
    case "game.event":
      return withNote(screen, `${event.name} ${shownValue(event.body)}`);
    case "character.changed":
      return { ...screen, character: event.character };
    case "actor.changed": {
      const actor = screen.actors.get(event.charId);
      if (actor === undefined) return screen;
      return { ...screen, actors: withActor(screen.actors, { ...actor, shown: event.shown }) };
    }
    case "dialogue.said":
    case "dialogue.asked":
    case "dialogue.paused":
    case "dialogue.ended":
    case "shop.offered":
      return { ...screen, talk: hear(screen.talk, event) };
    case "announced":
      return withNote(screen, `${event.from ?? "The server"} announces: ${event.text}`);
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

/** What the player is told of a command that leaves no other trace on the screen. */
export function doneWords(command: Command): string | null {
  if (command.type === "take") return `You picked up: ${command.name}`;
  if (command.type === "buy") return `You bought: ${command.name}`;
  if (command.type === "enter-room") return `You are in ${command.map}.`;
  if (command.type === "order") return `${command.order.order}: done`;
  return command.type === "send" ? `${command.name}: done` : null;
}

const withNote = (screen: MapScreen, text: string): MapScreen =>
  withLine(screen, { name: null, text, isOwn: false });

const withLine = (screen: MapScreen, logLine: LogLine): MapScreen => ({
  ...screen,
  log: [...screen.log, logLine].slice(-logLinesMax),
});
