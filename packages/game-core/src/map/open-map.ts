import type { MapObject } from "@sallyport/map-world";
import { watched } from "../call-watch.ts";
import { MisfitError } from "../character/character-state.ts";
import { freeze, merged, toJson } from "../character/json.ts";
import type { MapDefinition } from "../definition/definition.ts";
import type { MapInfo } from "../definition/map-info.ts";
import { validate } from "../schema/validate.ts";
import { loadWorld } from "../world/world-state.ts";
import { actorNamed, spawn } from "./actors.ts";
import type { Effect } from "./effect.ts";
import type { MapState } from "./map-state.ts";
import { nameOf, readObjects } from "./objects.ts";
import { Recorder } from "./recorder.ts";
import { runHandler } from "./run-handler.ts";
import type { At } from "./view.ts";

/** Begins a map: its state, its copy of the world, its actors, and then the handler `opened`. */
export function openMap(
  state: MapState,
  world: ReadonlyMap<string, unknown>,
  at: At,
  oldState?: unknown,
): readonly Effect[] {
  const { definition } = state.game;
  const read = readObjects(state, at);
  const effects = [...read.effects, ...copyWorld(state, world, at), ...beginState(state, at, oldState)];
  if (definition.tick !== undefined) state.counters.set("tick", at.nowMs + definition.tick.everyMs);
  for (const object of read.objects) {
    if (actorNamed(state.game, object.class) !== undefined) effects.push(...place(state, at, object));
  }
  const ran = runHandler(state, at, "opened", (transaction) =>
    definition.opened?.(new Recorder(transaction)),
  );
  return ran.type === "refused" ? effects : [...effects, ...ran.effects];
}

function copyWorld(state: MapState, world: ReadonlyMap<string, unknown>, { calls }: At): readonly Effect[] {
  const effects: Effect[] = [];
  for (const [key, { initial }] of Object.entries(state.game.definition.world ?? {})) {
    try {
      state.world.set(key, loadWorld(state.game, key, world.get(key), calls));
    } catch (error) {
      // The stored value stays as it is: a change of it fails in the same way.
      state.world.set(key, freeze(toJson(initial, `world.${key}.initial`)));
      effects.push({ type: "fault", handler: `world.${key}`, error });
    }
  }
  return effects;
}

function beginState(state: MapState, at: At, oldState: unknown): readonly Effect[] {
  const { map } = state.game.definition;
  if (map === undefined) return [];
  const begin = () => keptState(map, oldState) ?? firstState(map, state.map);
  try {
    state.own.set("map", watched(at.calls, "map.initial", begin, state.map.name));
    return [];
  } catch (error) {
    return [{ type: "fault", handler: "map.initial", error }];
  }
}

type Definition = MapDefinition<{ readonly [key: string]: unknown }>;

function keptState({ schema }: Definition, oldState: unknown) {
  const old = oldState === undefined ? undefined : validate(schema, oldState);
  return old?.ok ? merged({}, old.value, "map: the state") : null;
}

function firstState({ schema, initial }: Definition, map: MapInfo) {
  const first = validate(schema, initial(map));
  if (!first.ok) throw new MisfitError(first.problem);
  return merged({}, first.value, "map.initial: the state");
}

/** How many actors one map object can place, and how often a random cell is drawn for each of them. */
const countMax = 100;
const drawsMax = 20;

/**
 * An object places one actor on its cell. A larger object is an area: it places as many actors as its property
 * `count` says, on random cells.
 */
function place(state: MapState, at: At, object: MapObject): readonly Effect[] {
  const { class: name, properties, width, height } = object;
  const { count = 1 } = properties;
  const isArea = width > 1 || height > 1;
  const copies = isArea && typeof count === "number" ? Math.min(Math.max(Math.floor(count), 0), countMax) : 1;
  return Array.from({ length: copies }, () => {
    const cell = isArea ? randomCell(at, object) : { x: object.x, y: object.y };
    const ran = runHandler(state, at, nameOf(object), (transaction) =>
      spawn(transaction, { name, cell, properties }),
    );
    return ran.type === "refused" ? [] : ran.effects;
  }).flat();
}

function randomCell(at: At, { x, y, width, height }: MapObject) {
  let cell = { x, y };
  for (let draw = 0; draw < drawsMax; draw += 1) {
    cell = { x: x + Math.floor(at.random() * width), y: y + Math.floor(at.random() * height) };
    if (at.view.isWalkable(cell.x, cell.y)) break;
  }
  return cell;
}
