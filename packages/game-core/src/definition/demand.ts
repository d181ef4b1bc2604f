import { isPlainObject } from "@sallyport/domain";
import { GameError } from "../schema/validate.ts";

/* Each function returns the value if it is right. Otherwise it throws a `GameError` that begins with `path`. */

export function fail(path: string, problem: string): never {
  throw new GameError(`${path} ${problem}`);
}

export function aHandler(value: unknown, path: string): (...args: never[]) => unknown {
  if (typeof value !== "function") fail(path, "is no function");
  // An async function always returns a promise, and a handler must not.
  if (value.constructor.name === "AsyncFunction")
    fail(path, "is asynchronous; a handler must return at once");
  return value as (...args: never[]) => unknown;
}

export function anOptionalHandler(value: unknown, path: string): void {
  if (value !== undefined) aHandler(value, path);
}

export function aWholeNumber(value: unknown, path: string, min: number, max: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
    fail(path, `is ${shown(value)}, not a whole number from ${min} to ${max}`);
  }
  return value;
}

export function aText(value: unknown, path: string, unitsMax: number): string {
  if (typeof value !== "string" || value.trim() === "" || value.length > unitsMax) {
    fail(path, `is ${shown(value)}, not a text of 1 to ${unitsMax} characters`);
  }
  return value;
}

export function aList(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) fail(path, `is ${shown(value)}, not a list`);
  return value;
}

type Fields = { readonly [key: string]: unknown };

/** An object that has no other fields than these. */
export function fieldsOf(value: unknown, path: string, known: readonly string[]): Fields {
  if (!isPlainObject(value)) fail(path, `is ${shown(value)}, not an object`);
  const other = Object.keys(value).find((key) => !known.includes(key));
  if (other !== undefined) fail(path, `has a field "${other}"; it can have ${known.join(", ")}`);
  return value;
}

/** A name in the code of the game: of an actor, a timer, a page and so on. */
const namePattern = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/** The entries of an object whose keys the author chose, with their paths. */
export function entriesOf(value: unknown, path: string): readonly (readonly [string, unknown, string])[] {
  if (value === undefined) return [];
  if (!isPlainObject(value)) fail(path, `is ${shown(value)}, not an object`);
  return Object.entries(value).map(([name, entry]) => {
    if (!namePattern.test(name)) {
      fail(path, `has the name "${name}"; use a letter and up to 63 letters, digits, "_" or "-"`);
    }
    return [name, entry, `${path}.${name}`] as const;
  });
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
