import { accepted, type Outcome, refusedWith } from "@sallyport/domain";

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
export const secret = <T>(of: Field<T>): Field<T> => ({ ...of, isSecret: true });

/** `unitsMax` counts UTF-16 units. */
export const textField = (doc: string, unitsMax: number): Field<string> =>
  field(doc, (text) =>
    text !== "" && text.length <= unitsMax && !/[\p{Cc}\p{Cs}]/u.test(text)
      ? { ok: true, value: text }
      : { ok: false, expected: `1 to ${unitsMax} characters on one line` },
  );

/** `form` says which texts `isRight` accepts. */
export const formField = (doc: string, form: string, isRight: (text: string) => boolean): Field<string> =>
  field(doc, (text) => (isRight(text) ? { ok: true, value: text } : { ok: false, expected: form }));

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

/** The number of something, which lists show as `#17`, with the `#` or without it. */
export const idField = (doc: string): Field<number> =>
  field(
    doc,
    (text) => {
      const id = /^#?(\d{1,15})$/.exec(text)?.[1];
      return Number(id) >= 1
        ? { ok: true, value: Number(id) }
        : { ok: false, expected: "a number like 3 or #3" };
    },
    "3 or #3",
  );

/** Returns milliseconds since 1970. Infinity stands for ever. */
export type Until = (nowMs: number) => number;

const unitsMs: { readonly [unit: string]: number } = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/** A time with or without a date, as ISO 8601 has it. Without a zone it is in UTC. */
const isoTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?$/;

export const untilField = (doc: string): Field<Until> =>
  field(
    doc,
    (text) => {
      if (text === "forever") return { ok: true, value: () => Number.POSITIVE_INFINITY };
      const [, count, unit = ""] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
      if (count !== undefined)
        return { ok: true, value: (nowMs) => nowMs + Number(count) * (unitsMs[unit] ?? 0) };
      const hasZone = !text.includes("T") || /(Z|[+-]\d\d:\d\d)$/.test(text);
      const atMs = isoTime.test(text) ? Date.parse(hasZone ? text : `${text}Z`) : Number.NaN;
      if (!Number.isNaN(atMs)) return { ok: true, value: () => atMs };
      return {
        ok: false,
        expected: "forever, a time like 30m, 12h, 7d or 4w, or a date like 2026-12-31T18:00Z",
      };
    },
    "forever, 30m, 12h, 7d, 4w, or a time like 2026-12-31T18:00Z",
  );

/** A ban that is over when it begins would replace one that holds, and a code would never be valid. */
export function futureMs(until: Until, nowMs: number): Outcome<number, "invalid"> {
  const untilMs = until(nowMs);
  return untilMs > nowMs ? accepted(untilMs) : refusedWith("invalid", "until: this time is over");
}

/** An absent flag is false. */
export const flagField = (doc: string): Field<boolean | null> =>
  optional(
    field(
      doc,
      (text) =>
        text === "yes" || text === "no"
          ? { ok: true, value: text === "yes" }
          : { ok: false, expected: "yes or no" },
      "yes or no",
    ),
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
