import type { ShownOf, UnknownGame } from "@sallyport/sdk";
import { type UseCommand, useOf } from "./harbour.ts";

/* What a game shows of a character. The page knows no game, so the shape of a value tells how it is shown. */

export type Shown = ShownOf<UnknownGame>;
type Value = Exclude<Shown[string], undefined>;

/** One key. A value that is a list has rows, and every other value has a text. */
export interface Belonging {
  readonly key: string;
  readonly text: string | null;
  readonly rows: readonly Row[];
}

export interface Row {
  readonly name: string;
  /** Null if the list has only names. */
  readonly amount: number | null;
  readonly use: UseCommand | null;
}

/* A game may show up to 32 KiB. A panel of the page has less room. */
const keysMax = 24;
const rowsMax = 48;
const textCharsMax = 120;

/** Lists come last. */
export const belongingsOf = (character: Shown): readonly Belonging[] =>
  Object.entries(character)
    .flatMap(([key, value]) => (value === null || value === undefined ? [] : [belongingOf(key, value)]))
    .slice(0, keysMax)
    .sort((a, b) => Number(a.text === null) - Number(b.text === null));

function belongingOf(key: string, value: Value): Belonging {
  const rows = rowsOf(key, value);
  return rows === null
    ? { key, text: shorten(textOf(value)), rows: [] }
    : { key, text: null, rows: rows.slice(0, rowsMax) };
}

/** The amounts of named things, or a list of names or of maps with a name and an amount. Null if it is neither. */
function rowsOf(key: string, value: Value): readonly Row[] | null {
  if (!isList(value) && !isMap(value)) return null;
  const rows = isList(value)
    ? value.map((each) => rowOf(key, each))
    : Object.entries(value).map(([name, amount]) => row(key, name, amount));
  return rows.every((each) => each !== null) ? rows.filter(({ amount }) => amount !== 0) : null;
}

function rowOf(key: string, value: Value): Row | null {
  if (typeof value === "string") return row(key, value, null);
  if (!isMap(value)) return null;
  const { name, amount = null } = value;
  return typeof name === "string" ? row(key, name, amount) : null;
}

const row = (key: string, name: string, amount: Value): Row | null =>
  amount === null || typeof amount === "number"
    ? { name: shorten(name), amount, use: useOf(key, name) }
    : null;

const isList = (value: Value): value is Extract<Value, readonly unknown[]> => Array.isArray(value);
const isMap = (value: Value): value is { readonly [key: string]: Value } =>
  typeof value === "object" && value !== null && !isList(value) && !(value instanceof Uint8Array);

function textOf(value: Value): string {
  if (value instanceof Uint8Array) return `${value.length} B`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

const shorten = (text: string): string => cut(text, textCharsMax);

/** Cuts a text to a number of characters. */
export function cut(text: string, charsMax: number): string {
  const letters = [...text];
  return letters.length > charsMax ? `${letters.slice(0, charsMax).join("")}…` : text;
}

/** The title that a game shows with a name. Null if there is none. */
export const titleOf = ({ title }: Shown): string | null =>
  typeof title === "string" && title.trim() !== "" ? shorten(title) : null;
