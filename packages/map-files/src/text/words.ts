import type { Json, JsonObject } from "@sallyport/domain";
import { quote, wrong } from "../map-file-error.ts";

/** A word, or a text in quotes. A quoted text may also follow a word: `text="Welcome, stranger"`. */
const word = /(?:"(?:\\.|[^"\\])*"|[^\s"])+/g;

/** Splits a line into words. Throws `MapFileError` if a quotation mark is missing. */
export function wordsOf(line: string, where: string): string[] {
  const rest = line.replaceAll(word, "");
  if (rest.trim() !== "") throw wrong(where, `a quotation mark has no second one in ${quote(line)}`);
  return line.match(word) ?? [];
}

/** Reads words like `name=value`. Throws `MapFileError`. */
export function propertiesOf(words: readonly string[], where: string): JsonObject {
  const properties = new Map<string, Json>();
  for (const each of words) {
    const [, name, value] = /^([^="]+)=(.+)$/s.exec(each) ?? [];
    if (name === undefined || value === undefined) {
      throw wrong(where, `expected a property like level=3, found ${quote(each)}`);
    }
    if (properties.has(name)) throw wrong(where, `the property ${quote(name)} is given twice`);
    properties.set(name, valueOf(value, where));
  }
  // Unlike an assignment, this also makes a property of the name "__proto__".
  return Object.fromEntries(properties);
}

const isJson = /^(?:true|false|-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?)$/;

/** Numbers, `true` and `false` have their own type. Everything else is a text, with quotes or without. */
const valueOf = (text: string, where: string): Json =>
  isJson.test(text) ? JSON.parse(text) : textOf(text, where);

/** Takes the quotes off. They have the rules of JSON. Throws `MapFileError`. */
export function textOf(text: string, where: string): string {
  if (!text.includes('"')) return text;
  try {
    return JSON.parse(text) as string;
  } catch {
    throw wrong(where, `${quote(text)} is no text in quotes`);
  }
}
