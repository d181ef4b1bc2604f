import { isPlainObject, type Json, type JsonObject } from "@sallyport/domain";
import { GameError } from "../schema/validate.ts";

const nestingMax = 64;

/**
 * Copies a value that is stored as JSON. A field that is undefined is left out. Throws `GameError`,
 * whose message names the part, for a value that would come back as another one.
 */
export function toJson(value: unknown, path: string, nesting = 0): Json {
  if (nesting > nestingMax) throw new GameError(`${path} is nested too deep`);
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map((each, index) => toJson(each, `${path}[${index}]`, nesting + 1));
  if (!isPlainObject(value)) throw new GameError(`${path} is ${nameOf(value)}, which JSON cannot hold`);
  const fields: Record<string, Json> = {};
  for (const [key, part] of Object.entries(value)) {
    if (key === "__proto__") throw new GameError(`${path} has the forbidden key __proto__`);
    if (part !== undefined) fields[key] = toJson(part, `${path}.${key}`, nesting + 1);
  }
  return fields;
}

const nameOf = (value: unknown): string =>
  typeof value === "object" && value !== null
    ? `a ${value.constructor.name}`
    : typeof value === "number"
      ? String(value)
      : typeof value;

export function isSameJson(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return (
    left.length === right.size &&
    left.every(([key, part]) => right.has(key) && isSameJson(part, right.get(key)))
  );
}

/**
 * A copy of a state with some keys changed. A key that becomes undefined is left out. The copy is frozen, so
 * nothing that a handler keeps can change it. Throws like `toJson`.
 */
export function merged(state: object, changes: object, path: string): JsonObject {
  return freeze(toJson({ ...state, ...changes }, path) as JsonObject);
}

/** Freezes a state, so that a handler cannot change it other than through `it`. */
export function freeze<T>(value: T): T {
  if ((isPlainObject(value) || Array.isArray(value)) && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) freeze(part);
  }
  return value;
}
