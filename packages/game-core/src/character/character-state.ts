import { attributesCharsMax, isPlainObject, type JsonObject } from "@sallyport/domain";
import { packValue } from "@sallyport/wire";
import { type CallWatch, watched } from "../call-watch.ts";
import type { CharacterDefinition } from "../definition/definition.ts";
import type { Game } from "../definition/game.ts";
import { shownBounds } from "../messages/shown.ts";
import { validate } from "../schema/validate.ts";
import { freeze, isSameJson, toJson } from "./json.ts";

/** A character as its game has it in memory. Both are frozen. */
export interface LoadedCharacter {
  readonly state: { readonly [key: string]: unknown };
  /** What is stored: the state and its version. */
  readonly attributes: JsonObject;
}

export type Loading =
  | { readonly ok: true; readonly character: LoadedCharacter }
  /** The attributes fit no version of the game. They must not be overwritten. */
  | { readonly ok: false; readonly reason: string };

export const versionKey = "$version";

type Definition = CharacterDefinition<LoadedCharacter["state"]>;

/**
 * Reads the stored attributes of a character: brings them to the newest version and validates them. A
 * character without attributes is new. A game without `character` keeps the attributes as they are. `calls`
 * learns of each migration.
 */
export function loadState({ definition }: Game, attributes: JsonObject, calls?: CallWatch): Loading {
  const { character } = definition;
  if (character === undefined) return { ok: true, character: { state: {}, attributes } };
  try {
    const isNew = Object.keys(attributes).length === 0;
    const state = isNew ? character.initial : migrated(character, attributes, calls);
    const check = () => checkedState(character, state);
    return { ok: true, character: watched(calls, "character.schema", check) };
  } catch (error) {
    // A schema of the game may throw anything. Then this state does not fit, and others may.
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** A state that fits no schema. The message names the field. */
export class MisfitError extends Error {
  override readonly name = "MisfitError";
}

const versionOf = ({ version = 1 }: Pick<Definition, "version">): number => version;

function migrated(definition: Definition, attributes: JsonObject, calls: CallWatch | undefined): unknown {
  const { [versionKey]: stored = 0, ...first } = attributes;
  const newest = versionOf(definition);
  if (typeof stored !== "number" || !Number.isInteger(stored) || stored < 0) {
    throw new MisfitError(`${versionKey} is ${JSON.stringify(stored)}, not a whole number`);
  }
  if (stored > newest)
    throw new MisfitError(`has version ${stored}, but the newest version of the game is ${newest}`);
  let state: unknown = first;
  for (let version = stored; version < newest; version += 1) {
    const migrate = definition.migrations?.[version];
    // Only version 0 may have no migration. Then it is version 1 without its mark.
    if (migrate === undefined) continue;
    const old = state;
    try {
      state = watched(calls, `character.migrations[${version}]`, () => migrate(old));
    } catch (error) {
      throw new MisfitError(`migrations[${version}] failed: ${String(error)}`);
    }
    if (!isPlainObject(state)) throw new MisfitError(`migrations[${version}] returned no object`);
  }
  return state;
}

/**
 * Validates a state, and makes the attributes from it. Throws `MisfitError`, or the error of `toJson`. Both
 * name the field.
 */
export function checkedState(definition: Definition, value: unknown): LoadedCharacter {
  const validated = validate(definition.schema, value);
  if (!validated.ok) throw new MisfitError(validated.problem);
  const state = toJson(validated.value, "the state");
  if (!isPlainObject(state)) throw new MisfitError("the state is no object");
  const attributes = { [versionKey]: versionOf(definition), ...state } as JsonObject;
  const chars = JSON.stringify(attributes).length;
  if (chars > attributesCharsMax) {
    throw new MisfitError(`is ${chars} characters long as JSON, and a save holds ${attributesCharsMax}`);
  }
  return { state: freeze(state), attributes: freeze(attributes) };
}

type Shown = { readonly [key: string]: unknown };

const pick = (state: Shown, keys: readonly string[]): Shown =>
  Object.fromEntries(keys.flatMap((key) => (state[key] === undefined ? [] : [[key, state[key]]])));

const ownKeys = ({ definition: { character } }: Game): readonly string[] => [
  ...new Set([...(character?.own ?? []), ...(character?.shown ?? [])]),
];

/** What a character's own client is shown first. Null if the game shows it nothing. */
export function ownOf(game: Game, { state }: LoadedCharacter): Uint8Array | null {
  const keys = ownKeys(game);
  return keys.length === 0 ? null : packValue(pick(state, keys), shownBounds);
}

/**
 * What the own client is shown after a reload: all keys of the new game, with nil for a key that is gone or that
 * only the old game showed. Null if neither game shows it anything.
 */
export function ownAfterReload(old: Game, game: Game, { state }: LoadedCharacter): Uint8Array | null {
  const gone = ownKeys(old).map((key) => [key, null]);
  const now = ownKeys(game).map((key) => [key, state[key] ?? null]);
  const entries = [...gone, ...now];
  return entries.length === 0 ? null : packValue(Object.fromEntries(entries), shownBounds);
}

/** What all clients are shown that see the character. Empty if the game shows them nothing. */
export function shownOf({ definition }: Game, { state }: LoadedCharacter): Uint8Array {
  const keys = definition.character?.shown ?? [];
  return keys.length === 0 ? new Uint8Array() : packValue(pick(state, keys), shownBounds);
}

export interface ShownChanges {
  /** For the own client: the keys that changed, with nil for a key that is gone. Null if none changed. */
  readonly own: Uint8Array | null;
  /** For all others: the complete value of `shownOf`. Null if nothing of it changed. */
  readonly shown: Uint8Array | null;
}

export function changesBetween(game: Game, before: LoadedCharacter, after: LoadedCharacter): ShownChanges {
  const { character } = game.definition;
  if (character === undefined) return { own: null, shown: null };
  const isChanged = (key: string): boolean => !isSameJson(before.state[key], after.state[key]);
  const own = ownKeys(game).filter(isChanged);
  const changes = Object.fromEntries(own.map((key) => [key, after.state[key] ?? null]));
  return {
    own: own.length === 0 ? null : packValue(changes, shownBounds),
    shown: (character.shown ?? []).some(isChanged) ? shownOf(game, after) : null,
  };
}
