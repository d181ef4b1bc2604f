import {
  attributesCharsMax,
  type CharacterState,
  isPlainObject,
  isStorableJson,
  type Position,
} from "@sallyport/domain";

const mapNamePattern = /^[\x20-\x7e]{1,64}$/;
const coordinateMax = 0x7fff_ffff;

/**
 * Encodes a state as text that Postgres is certain to accept, or returns undefined. Game logic outside this
 * project makes the states. If Postgres rejected one state, a whole batch of saves would fail, including
 * those of other players. The text is made from the checked value and not taken from the message: if JSON
 * text has the same key twice, the check sees only one of the two values.
 */
export function encodeState(state: CharacterState): { position: Position; attributes: string } | undefined {
  const { position } = state;
  const attributes = encodeAttributes(state.attributes);
  return isStorablePosition(position) && attributes !== undefined ? { position, attributes } : undefined;
}

/** Returns undefined if the value is not an object, or cannot be stored. */
export function encodeAttributes(attributes: unknown): string | undefined {
  if (!isPlainObject(attributes) || !isStorableJson(attributes)) return undefined;
  const text = JSON.stringify(attributes);
  return text.length <= attributesCharsMax ? text : undefined;
}

export function isStorablePosition({ map, x, y }: Position): boolean {
  return typeof map === "string" && mapNamePattern.test(map) && isCoordinate(x) && isCoordinate(y);
}

const isCoordinate = (value: number): boolean =>
  Number.isInteger(value) && value >= 0 && value <= coordinateMax;
