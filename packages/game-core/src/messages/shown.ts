import { gameBounds } from "@sallyport/domain";
import { unpackValue, type Value, type ValueBounds, WireError } from "@sallyport/wire";

/** The bounds of what clients are shown of a character. */
export const shownBounds: ValueBounds = {
  bytesMax: gameBounds.shownBytesMax,
  nestingMax: 16,
  valuesMax: 8_192,
};

/** What a client is shown of a character: the values of some keys. */
export interface Shown {
  readonly [key: string]: Value;
}

/** Reads what a client is shown of a character. No bytes show nothing. Throws `WireError` if it is no map. */
export function readShown(bytes: Uint8Array): Shown {
  if (bytes.length === 0) return {};
  const value = unpackValue(bytes, shownBounds);
  if (!isMap(value)) throw new WireError("", "is no map");
  return value;
}

const isMap = (value: Value): value is Shown =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
