import { z } from "zod";
import { type Level, levels } from "../permissions.ts";

/*
 * The fields of requests, as schemas. Each has a description, and says in words what it has to be. Bounds of
 * texts count UTF-16 units. Postgres holds neither NUL nor half of a surrogate pair, so no text has them.
 */

export type Shape = { readonly [field: string]: z.ZodType };
export type ValuesOf<S extends Shape> = { readonly [K in keyof S]: z.output<S[K]> };

/** What the value of a field has to be: the end of the sentence "not …". */
const expectations = z.registry<{ readonly expected: string }>();

/** Describes a field. Do this last: a schema that is made from another one loses its words. */
function field<S extends z.ZodType>(schema: S, expected: string, doc: string): S {
  const described = schema.describe(doc);
  expectations.add(described, { expected });
  return described;
}

export const expectedOf = (schema: z.ZodType): string =>
  expectations.get(schema)?.expected ?? "a valid value";

export const nameUnitsMax = 64;
export const commentUnitsMax = 1_000;
const fileNameUnitsMax = 100;
/** In base64 and with everything around it, a file of this size fits into the longest request. */
const proofBytesMax = 6_000_000;
/** Maximum number of rows in a list. A list of the longest rows is shorter than a usual request may be. */
export const rowsMax = 1_000;
const offsetMax = 1_000_000;

const idMax = 2_147_483_647;
const id = (doc: string) => field(z.int().min(1).max(idMax), `a whole number from 1 to ${idMax}`, doc);

export const leaderboardId = id("the leaderboard");
export const entryId = id("the entry");
export const userId = id("the user");
export const fileId = id("the proof");

const isHeld = (text: string): boolean => !/[\p{Cc}\p{Cs}]/u.test(text);
const isText = (text: string): boolean => isHeld(text.replaceAll(/[\t\n\r]/g, ""));
const isLine = (text: string): boolean =>
  isHeld(text) && !/[\p{Zl}\p{Zp}]/u.test(text) && text.trim() === text;

/** Zod counts code points, of which some have two units. */
const stringOf = (unitsMin: number, unitsMax: number) =>
  z
    .string()
    .min(unitsMin)
    .max(unitsMax)
    .refine(({ length }) => length <= unitsMax);

export const line = (doc: string, unitsMax: number) =>
  field(
    stringOf(1, unitsMax).refine(isLine),
    `1 to ${unitsMax} characters on one line, without a space at either end`,
    doc,
  );

export const text = (doc: string, unitsMin: number, unitsMax: number) =>
  field(stringOf(unitsMin, unitsMax).refine(isText), `a text of ${unitsMin} to ${unitsMax} characters`, doc);

/** JSON can say 1e999, which no database column holds. */
export const score = field(z.number(), "a finite number", "the score");

export const flag = (doc: string) => field(z.boolean(), "true or false", doc);

export const levelSchema = z.literal(Object.values(levels));
export const levelWords = Object.entries(levels)
  .map(([name, number]) => `${number} ${name}`)
  .join(", ");
export const level = (doc: string) => field(levelSchema, "0, 1, 2 or 3", `${doc}: ${levelWords}`);

/** The seed takes the nearest level for a number that is none. */
export const clampedLevel = (doc: string) =>
  field(
    z.int().transform((given) => Math.min(levels.moderate, Math.max(levels.none, given)) as Level),
    "a whole number",
    `${doc}: ${levelWords}. Other numbers count as the nearest of these`,
  );

/** Folders, and the drives of Windows. */
const leadsAway = /[/\\]|^\.+$|^[a-z]:/i;
/** Characters that show the ones after them in another order: a program could look like a picture. */
const misleads = /[\u202a-\u202e\u2066-\u2069]/;

/** Clients make a file of this name, so it leads into no folder. */
export const fileName = field(
  stringOf(1, fileNameUnitsMax).refine(
    (name) => isLine(name) && !leadsAway.test(name) && !misleads.test(name),
  ),
  `a file name of 1 to ${fileNameUnitsMax} characters, without a folder`,
  "name of the file",
);

/** The value is the bytes. Base64 with its padding, without line breaks. */
export const fileBytes = field(
  z.string().transform((encoded, context): Uint8Array => {
    const bytes = Buffer.from(encoded, "base64");
    const isExact =
      bytes.length >= 1 && bytes.length <= proofBytesMax && bytes.toString("base64") === encoded;
    if (isExact) return bytes;
    context.addIssue("not base64");
    return z.NEVER;
  }),
  `base64 of 1 to ${proofBytesMax} bytes`,
  "content of the file, in base64",
);

/** Every list has these two. The seed has no such fields, so they may be absent. */
export const paging = {
  limit: field(
    z.int().min(1).max(rowsMax).default(rowsMax),
    `a whole number from 1 to ${rowsMax}`,
    "maximum number of rows",
  ),
  offset: field(
    z.int().min(0).max(offsetMax).default(0),
    `a whole number from 0 to ${offsetMax}`,
    "number of rows to leave out before the first",
  ),
} as const;

/**
 * Reads the fields of a request. Fields that the request does not have are ignored. Returns a sentence that
 * names the first field that is missing or wrong.
 */
export function readFields<S extends Shape>(
  shape: S,
  given: { readonly [field: string]: unknown },
): { readonly ok: true; readonly values: ValuesOf<S> } | { readonly ok: false; readonly problem: string } {
  const values: { [field: string]: unknown } = {};
  for (const [name, schema] of Object.entries(shape)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    const read = schema.safeParse(value);
    if (!read.success) {
      const problem = value === undefined ? "missing" : `not ${expectedOf(schema)}`;
      return { ok: false, problem: `${name}: ${problem}` };
    }
    values[name] = read.data;
  }
  return { ok: true, values: values as ValuesOf<S> };
}
