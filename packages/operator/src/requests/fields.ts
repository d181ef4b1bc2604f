/*
 * The fields of requests to the admin port. All of them are texts: in the path, in the query, or in a JSON
 * object. The commands read their arguments with the same checks before they send anything.
 */

type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly expected: string };

export interface Field<out T> {
  /** The help text. It contains the unit of a number. */
  readonly doc: string;
  /** The allowed values, such as `1 to 100`. Absent if `doc` says which values are allowed. */
  readonly allowed?: string;
  readonly isOptional: boolean;
  /** The trail and the process list of the system never show a secret. */
  readonly isSecret: boolean;
  parse(text: string): Parsed<T>;
}

export type Fields = { readonly [name: string]: Field<unknown> };
export type FieldValues<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never;
};

const field = <T>(doc: string, parse: Field<T>["parse"], allowed?: string): Field<T> => ({
  doc,
  isOptional: false,
  isSecret: false,
  parse,
  ...(allowed !== undefined && { allowed }),
});

export const optional = <T>(of: Field<T>): Field<T | null> => ({ ...of, isOptional: true });

/** `unitsMax` counts UTF-16 units. */
export const textField = (doc: string, unitsMax: number): Field<string> =>
  field(doc, (text) =>
    text !== "" && text.length <= unitsMax && !/[\p{Cc}\p{Cs}]/u.test(text)
      ? { ok: true, value: text }
      : { ok: false, expected: `1 to ${unitsMax} characters on one line` },
  );

export const choiceField = <const V extends string>(doc: string, values: readonly V[]): Field<V> =>
  field(
    doc,
    (text) => {
      const value = values.find((each) => each === text);
      return value === undefined
        ? { ok: false, expected: `one of ${values.join(", ")}` }
        : { ok: true, value };
    },
    values.join(", "),
  );

export const countField = (doc: string, min: number, max: number): Field<number> =>
  field(
    doc,
    (text) => {
      const value = Number(text);
      return /^\d{1,15}$/.test(text) && value >= min && value <= max
        ? { ok: true, value }
        : { ok: false, expected: `a whole number from ${min} to ${max}` };
    },
    `${min} to ${max}`,
  );

/**
 * Reads the fields of a request. Returns a sentence that names the first field that is missing, wrong or
 * unknown. An absent optional field becomes null.
 */
export function readFields<F extends Fields>(
  fields: F,
  given: { readonly [name: string]: unknown },
): { readonly ok: true; readonly values: FieldValues<F> } | { readonly ok: false; readonly problem: string } {
  const stray = Object.keys(given).find((name) => !Object.hasOwn(fields, name));
  if (stray !== undefined) return { ok: false, problem: `${stray}: this request has no such field` };
  const values: { [name: string]: unknown } = {};
  for (const [name, { isOptional, parse }] of Object.entries(fields)) {
    const text = Object.hasOwn(given, name) ? given[name] : undefined;
    if (text === undefined && !isOptional) return { ok: false, problem: `${name}: missing` };
    if (text === undefined) {
      values[name] = null;
      continue;
    }
    const parsed = typeof text === "string" ? parse(text) : ({ ok: false, expected: "a text" } as const);
    if (!parsed.ok) return { ok: false, problem: `${name}: not ${parsed.expected}` };
    values[name] = parsed.value;
  }
  return { ok: true, values: values as FieldValues<F> };
}
