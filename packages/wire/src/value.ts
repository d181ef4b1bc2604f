import { forbiddenKeys, packAny, unpackAny } from "./message-pack.ts";
import { WireError } from "./wire-error.ts";

/** What a game can send: the body of one of its messages, or a part of it. Numbers are finite. */
export type Value =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly Value[]
  | { readonly [key: string]: Value };

/** `valuesMax` counts all parts: lists, maps, keys and entries. */
export const valueBounds = { bytesMax: 16 * 1024, nestingMax: 16, valuesMax: 4_096 } as const;

export type ValueBounds = { readonly [K in keyof typeof valueBounds]: number };

/**
 * Reads a value of a game. The bounds hold before anything looks at the value. Throws `WireError`, whose
 * message shows nothing of the value.
 */
export function unpackValue(bytes: Uint8Array, bounds: ValueBounds = valueBounds): Value {
  const { bytesMax, nestingMax, valuesMax } = bounds;
  if (bytes.length > bytesMax) throw new WireError("", `longer than ${bytesMax} bytes`);
  const value = unpackAny(bytes, { nestingMax, valuesMax, hasMaps: true });
  checkNumbers(value);
  return value as Value;
}

/**
 * Writes a value of a game. An entry of a map that is undefined is left out. Throws `WireError` with the path
 * of the part that `unpackValue` would refuse.
 */
export function packValue(value: unknown, bounds: ValueBounds = valueBounds): Uint8Array {
  const copy = new Copy(bounds);
  const bytes = packAny(copy.of(value, "", 0));
  if (bytes.length > bounds.bytesMax) throw new WireError("", `longer than ${bounds.bytesMax} bytes`);
  return bytes;
}

function checkNumbers(value: unknown): void {
  if (typeof value === "number" && !Number.isFinite(value)) throw new WireError("", "holds no finite number");
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return;
  for (const part of Object.values(value)) checkNumbers(part);
}

class Copy {
  readonly #bounds: ValueBounds;
  #valuesLeft: number;

  constructor(bounds: ValueBounds) {
    this.#bounds = bounds;
    this.#valuesLeft = bounds.valuesMax;
  }

  of(value: unknown, path: string, nesting: number): Value {
    this.#count(path);
    if (value === null || typeof value === "boolean") return value;
    if (typeof value === "string") return this.#text(value, path);
    if (typeof value === "number") {
      if (!Number.isFinite(value)) throw new WireError(path, "is no finite number");
      return value;
    }
    if (typeof value !== "object") throw new WireError(path, `a message cannot hold ${typeof value}`);
    if (value instanceof Uint8Array) return Uint8Array.from(value);
    if (nesting === this.#bounds.nestingMax) throw new WireError(path, "nested too deep");
    if (Array.isArray(value)) return value.map((each, i) => this.of(each, `${path}[${i}]`, nesting + 1));
    return this.#map(value, path, nesting);
  }

  #map(value: object, path: string, nesting: number): Value {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      throw new WireError(path, "is no plain object");
    }
    const entries: Record<string, Value> = {};
    for (const [key, part] of Object.entries(value)) {
      if (part === undefined) continue;
      if (forbiddenKeys.has(key)) throw new WireError(path, `has the forbidden key ${key}`);
      this.#count(path);
      const to = path === "" ? key : `${path}.${key}`;
      entries[this.#text(key, path)] = this.of(part, to, nesting + 1);
    }
    return entries;
  }

  #text(text: string, path: string): string {
    if (/\p{Surrogate}/u.test(text)) throw new WireError(path, "malformed text");
    return text;
  }

  #count(path: string): void {
    this.#valuesLeft -= 1;
    if (this.#valuesLeft < 0) throw new WireError(path, "holds too many values");
  }
}
