import type { Json } from "@sallyport/domain";
import { type CallWatch, watched } from "../call-watch.ts";
import { MisfitError } from "../character/character-state.ts";
import { freeze, toJson } from "../character/json.ts";
import type { Game } from "../definition/game.ts";
import { GameError, validate } from "../schema/validate.ts";

/**
 * Reads a stored state of the world. `null` means that nothing is stored yet. Throws `MisfitError` if the
 * value does not fit the schema of the game; then it must not be overwritten.
 */
export function loadWorld(game: Game, key: string, stored: unknown, calls?: CallWatch): Json {
  const { schema, initial } = worldAt(game, key);
  const validated = watched(calls, `world.${key}.schema`, () => validate(schema, stored ?? initial));
  if (!validated.ok) throw new MisfitError(`world.${key}: ${validated.problem}`);
  return freeze(toJson(validated.value, `world.${key}`));
}

/**
 * Computes the next state from the stored one. It throws what the change throws, and `MisfitError` if one of
 * both states does not fit the schema.
 */
export function applyChange(game: Game, change: WorldChange, stored: unknown, calls?: CallWatch): Json {
  const { key, change: name, input } = change;
  const definition = changeAt(game, key, name);
  const state = loadWorld(game, key, stored, calls);
  const apply = () => definition.apply(state as never, input as never);
  const next = watched(calls, `world.${key}.changes.${name}`, apply);
  if (next === null || next === undefined)
    throw new GameError(`world.${key}.changes.${name} returned nothing`);
  return loadWorld(game, key, next, calls);
}

export interface WorldChange {
  readonly key: string;
  readonly change: string;
  readonly input: Json;
}

/**
 * The input of a change, after validation. Null if the change takes none. Throws `MisfitError`, or `GameError` if
 * JSON cannot hold the input.
 */
export function checkedInput(game: Game, key: string, name: string, input: unknown): Json {
  const definition = changeAt(game, key, name);
  if (definition.input === null) return null;
  const path = `world.${key}.changes.${name}`;
  const validated = validate(definition.input, input);
  if (!validated.ok) throw new MisfitError(`${path}: ${validated.problem}`);
  return freeze(toJson(validated.value, `${path}: the input`));
}

function worldAt({ definition }: Game, key: string) {
  const world = definition.world;
  if (world === undefined || !Object.hasOwn(world, key)) throw new GameError(`the game has no world.${key}`);
  return world[key] as NonNullable<(typeof world)[string]>;
}

function changeAt(game: Game, key: string, name: string) {
  const changes = worldAt(game, key).changes ?? {};
  const change = Object.hasOwn(changes, name) ? changes[name] : undefined;
  if (change === undefined) throw new GameError(`world.${key}.changes has no "${name}"`);
  return change;
}
