import type { Json, JsonObject } from "@sallyport/domain";
import { quote, wrong } from "../map-file-error.ts";

/** Files of Tiled need about ten levels; the rest is for properties that are objects. */
const depthMax = 32;

/** Parses a JSON file. Throws `MapFileError`. */
export function parseJson(text: string, where: string): JsonObject {
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong(where, "is not JSON");
  }
  if (isDeeper(value, depthMax)) throw wrong(where, `has more than ${depthMax} levels`);
  if (!isObject(value)) throw wrong(where, "is not a JSON object");
  return value;
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function isDeeper(value: Json, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  const inside: readonly Json[] = Array.isArray(value) ? value : Object.values(value);
  return inside.some((inner) => isDeeper(inner, levels - 1));
}

interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** Reads the fields of a JSON object. A field that is missing or has another type is a `MapFileError`. */
export class Fields {
  readonly json: JsonObject;
  /** The file and the place in it. */
  readonly where: string;

  constructor(json: JsonObject, where: string) {
    this.json = json;
    this.where = where;
  }

  text(name: string, fallback?: string): string {
    const value = this.#value(name, fallback);
    if (typeof value !== "string") throw this.#wrong(name, "a text");
    return value;
  }

  flag(name: string): boolean {
    const value = this.#value(name, false);
    if (typeof value !== "boolean") throw this.#wrong(name, "true or false");
    return value;
  }

  number(name: string, fallback?: number): number {
    const value = this.#value(name, fallback);
    if (typeof value !== "number" || !Number.isFinite(value)) throw this.#wrong(name, "a number");
    return value;
  }

  whole(name: string, { min, max }: Bounds, fallback?: number): number {
    const value = this.number(name, fallback);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw this.#wrong(name, `a whole number from ${min} to ${max}`);
  }

  /** A missing list is an empty one. */
  objects(name: string): readonly JsonObject[] {
    const value = this.#value(name, []);
    if (!Array.isArray(value) || !value.every(isObject)) throw this.#wrong(name, "a list of objects");
    return value;
  }

  #value(name: string, fallback: Json | undefined): Json {
    const value = Object.hasOwn(this.json, name) ? this.json[name] : fallback;
    if (value === undefined) throw wrong(this.where, `"${name}" is missing`);
    return value;
  }

  #wrong(name: string, expected: string): Error {
    const found = JSON.stringify(this.json[name]);
    return wrong(this.where, `"${name}" is ${expected}, and ${quote(found)} is not`);
  }
}
