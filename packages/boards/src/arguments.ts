import { wrongUsage } from "./failure.ts";

/* The arguments of commands, which the menus ask for too. A person or a script gives each of them as text. */

export interface Argument<T> {
  readonly name: string;
  readonly doc: string;
  /** Throws `BoardsFailure` for a text that the argument does not take. */
  readonly parse: (text: string) => T;
}

const idMax = 2_147_483_647;

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw wrongUsage(`${name}: expected a whole number from ${least} to ${most}, not "${text}"`);
}

export const id = (name: string, doc: string): Argument<number> => ({
  name,
  doc,
  parse: (text) => whole(name, text, 1, idMax),
});

export const count = (name: string, doc: string, least: number, most: number): Argument<number> => ({
  name,
  doc,
  parse: (text) => whole(name, text, least, most),
});

export const words = (name: string, doc: string): Argument<string> => ({
  name,
  doc,
  parse: (text) => {
    if (text !== "") return text;
    throw wrongUsage(`${name}: expected a text`);
  },
});

export const decimal = (name: string, doc: string): Argument<number> => ({
  name,
  doc,
  parse: (text) => {
    const value = Number(text);
    if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(value)) return value;
    throw wrongUsage(`${name}: expected a number, not "${text}"`);
  },
});

export const levelNames = ["none", "read", "write", "moderate"] as const;

/** Takes the name of the level or its number. */
export const level = (name: string, doc: string): Argument<number> => ({
  name,
  doc: `${doc}: ${levelNames.join(", ")}`,
  parse: (text) => {
    const named = levelNames.findIndex((each) => each === text.toLowerCase());
    if (named !== -1) return named;
    if (/^[0-3]$/.test(text)) return Number(text);
    throw wrongUsage(`${name}: expected ${levelNames.join(", ")} or its number, not "${text}"`);
  },
});

/** Takes the word or its beginning. True: the lowest score is the best. */
export const order = (name: string, doc: string): Argument<boolean> => ({
  name,
  doc: `${doc}: ascending or descending`,
  parse: (text) => {
    const given = text.toLowerCase();
    if (given !== "" && "ascending".startsWith(given)) return true;
    if (given !== "" && "descending".startsWith(given)) return false;
    throw wrongUsage(`${name}: expected ascending or descending, not "${text}"`);
  },
});
