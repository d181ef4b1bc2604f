import type { CharacterState, JsonObject, Position } from "@sallyport/domain";

/** The limit for attributes as JSON text. */
export const attributesCharsMax = 256 * 1024;
const attributesDepthMax = 32;
const mapNamePattern = /^[\x20-\x7e]{1,64}$/;
const coordinateMax = 0x7fff_ffff;

/**
 * Gives the text that Postgres is certain to accept for a state; undefined if there is none. Game logic
 * outside this project makes the states. A state that Postgres rejected would fail a whole batch with the
 * saves of other players. So the text is made from the checked value, although the state arrived as text: a
 * text may hide a value that Postgres rejects behind a second key of the same name.
 */
export function encodeState(state: CharacterState): { position: Position; attributes: string } | undefined {
  const { position } = state;
  const attributes = encodeAttributes(state.attributes);
  return isStorablePosition(position) && attributes !== undefined ? { position, attributes } : undefined;
}

/** Undefined if the value is not an object, or has no such text. */
export function encodeAttributes(attributes: unknown): string | undefined {
  if (!isPlainObject(attributes) || !isJson(attributes, 1)) return undefined;
  const text = JSON.stringify(attributes);
  return text.length <= attributesCharsMax ? text : undefined;
}

export function isStorablePosition({ map, x, y }: Position): boolean {
  return typeof map === "string" && mapNamePattern.test(map) && isCoordinate(x) && isCoordinate(y);
}

const isCoordinate = (value: number): boolean =>
  Number.isInteger(value) && value >= 0 && value <= coordinateMax;

/** jsonb is kept as Postgres text, which can hold neither NUL nor half a surrogate pair. */
const isText = (value: string): boolean => !/\0|\p{Surrogate}/u.test(value);

function isJson(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case "string":
      return isText(value);
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value);
    case "object":
      if (value === null) return true;
      if (depth > attributesDepthMax) return false;
      if (Array.isArray(value)) return value.every((element) => isJson(element, depth + 1));
      return (
        isPlainObject(value) &&
        Object.entries(value).every(([key, element]) => isText(key) && isJson(element, depth + 1))
      );
    case "bigint":
    case "function":
    case "symbol":
    case "undefined":
      return false;
  }
}

function isPlainObject(value: unknown): value is JsonObject {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
