import { entriesOf } from "./entries.ts";
import { WireError } from "./wire-error.ts";

/**
 * Describes the allowed values of a field as data. The checks, the reference pages and the generators of
 * tests use this description.
 */
export type FieldKind =
  | { readonly type: "uint"; readonly max: number }
  | { readonly type: "text"; readonly charsMax: number }
  | { readonly type: "bytes"; readonly bytesMin: number; readonly bytesMax: number }
  | { readonly type: "flag" }
  | { readonly type: "one-of"; readonly values: readonly string[] }
  | { readonly type: "list"; readonly of: Field<unknown>; readonly countMax: number }
  | { readonly type: "record"; readonly fields: Fields }
  | { readonly type: "nullable"; readonly of: Field<unknown> };

export interface Field<out T> {
  readonly kind: FieldKind;
  readonly doc: string;
  /**
   * The value for a field that an older sender does not send. Without a fallback, a missing field is an
   * error.
   */
  readonly fallback?: T;
  /** Checks an untrusted value. Throws a `WireError` that contains `path`. */
  parse(value: unknown, path: string): T;
  /**
   * Converts a value to the form that MessagePack can hold. A record becomes an array in the declared order
   * of its fields.
   */
  pack(value: unknown): unknown;
}

export type Fields = { readonly [name: string]: Field<unknown> };
export type ValueOf<F> = F extends Field<infer T> ? T : never;
export type ValuesOf<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };

const same = (value: unknown): unknown => value;

function field<T>(kind: FieldKind, doc: string, parse: Field<T>["parse"], pack = same): Field<T> {
  return { kind, doc, parse, pack };
}

function uint(max: number, doc: string): Field<number> {
  return field({ type: "uint", max }, doc, (value, path) => {
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > max) {
      throw new WireError(path, `expected a whole number from 0 to ${max}`);
    }
    return value;
  });
}

export const u8 = (doc = ""): Field<number> => uint(0xff, doc);
export const u16 = (doc = ""): Field<number> => uint(0xffff, doc);
export const u32 = (doc = ""): Field<number> => uint(0xffff_ffff, doc);
/** A whole number that a double holds exactly, such as a fence or milliseconds since 1970. */
export const u53 = (doc = ""): Field<number> => uint(Number.MAX_SAFE_INTEGER, doc);

/** A text of at most `charsMax` UTF-16 units. Lone surrogates are refused. */
export function text(charsMax: number, doc = ""): Field<string> {
  return field({ type: "text", charsMax }, doc, (value, path) => {
    if (typeof value !== "string") throw new WireError(path, "expected text");
    if (value.length > charsMax) throw new WireError(path, `longer than ${charsMax} characters`);
    if (/\p{Surrogate}/u.test(value)) throw new WireError(path, "malformed text");
    return value;
  });
}

export function bytes(bytesMin: number, bytesMax: number, doc = ""): Field<Uint8Array> {
  return field({ type: "bytes", bytesMin, bytesMax }, doc, (value, path) => {
    if (!(value instanceof Uint8Array)) throw new WireError(path, "expected bytes");
    if (value.length < bytesMin || value.length > bytesMax) {
      throw new WireError(path, `expected ${bytesMin} to ${bytesMax} bytes`);
    }
    // Copy the bytes: a view would keep the whole received chunk in memory.
    return new Uint8Array(value);
  });
}

export function flag(doc = ""): Field<boolean> {
  return field({ type: "flag" }, doc, (value, path) => {
    if (typeof value !== "boolean") throw new WireError(path, "expected true or false");
    return value;
  });
}

export function oneOf<const V extends string>(values: readonly V[], doc = ""): Field<V> {
  return field({ type: "one-of", values }, doc, (value, path) => {
    const found = values.find((candidate) => candidate === value);
    if (found === undefined) throw new WireError(path, `expected one of ${values.join(", ")}`);
    return found;
  });
}

export function list<T>(of: Field<T>, countMax: number, doc = ""): Field<readonly T[]> {
  return field(
    { type: "list", of, countMax },
    doc,
    (value, path) => {
      if (!Array.isArray(value)) throw new WireError(path, "expected a list");
      if (value.length > countMax) throw new WireError(path, `more than ${countMax} entries`);
      return value.map((entry, index) => of.parse(entry, `${path}[${index}]`));
    },
    (value) => (value as readonly T[]).map((entry) => of.pack(entry)),
  );
}

export function record<F extends Fields>(fields: F, doc = ""): Field<ValuesOf<F>> {
  return field(
    { type: "record", fields },
    doc,
    (value, path) => parseValues(fields, value, path),
    (value) => packValues(fields, value as ValuesOf<F>),
  );
}

export function nullable<T>(of: Field<T>, doc = of.doc): Field<T | null> {
  return field(
    { type: "nullable", of },
    doc,
    (value, path) => (value === null || value === undefined ? null : of.parse(value, path)),
    (value) => (value === null ? null : of.pack(value)),
  );
}

export function withFallback<T>(of: Field<T>, fallback: T): Field<T> {
  return { ...of, fallback };
}

/** Gives a field a narrower type, such as a branded id. It adds no check. */
export function as<T>(of: Field<unknown>): Field<T> {
  return of as Field<T>;
}

export function packValues<F extends Fields>(fields: F, values: ValuesOf<F>): unknown[] {
  return entriesOf(fields).map(([name, each]) => each.pack(values[name]));
}

/**
 * Parses the entries of `packed` from `start` on. Ignores entries after the declared fields, because a newer
 * sender may have added fields.
 */
export function parseValues<F extends Fields>(
  fields: F,
  packed: unknown,
  path: string,
  start = 0,
): ValuesOf<F> {
  if (!Array.isArray(packed)) throw new WireError(path, "expected a list of fields");
  const values: Record<string, unknown> = {};
  let index = start;
  for (const [name, each] of entriesOf(fields)) {
    const missing = index >= packed.length && "fallback" in each;
    values[name] = missing ? each.fallback : each.parse(packed[index], `${path}.${name}`);
    index += 1;
  }
  return values as ValuesOf<F>;
}
