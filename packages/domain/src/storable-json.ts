import type { Json } from "./character.ts";

const depthMax = 32;

/**
 * True if Postgres is certain to accept the value as jsonb. Game logic outside this project makes such
 * values. A value can be nested at most 32 levels deep.
 */
export const isStorableJson = (value: unknown): value is Json => isJson(value, 1);

/** Strings in jsonb are Postgres text, which can hold neither NUL nor half of a surrogate pair. */
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
      if (depth > depthMax) return false;
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

export function isPlainObject(value: unknown): value is { readonly [key: string]: unknown } {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
