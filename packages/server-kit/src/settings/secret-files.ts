import { readFileSync } from "node:fs";

/** Each secret can be in a file, which the variable with this name then names. */
export const fileVariableOf = (variable: string): string => `${variable}_FILE`;

const bytesMax = 65_536;

/** Returns the content without a line break at its end, or the problem of the file. */
export function secretIn(
  path: string,
): { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: string } {
  try {
    const text = readFileSync(path, "utf8").replace(/\r?\n$/, "");
    if (text === "") return { ok: false, problem: `${path} is empty` };
    return text.length > bytesMax ? { ok: false, problem: `${path} is too long` } : { ok: true, text };
  } catch (error) {
    const { code = "error" } = error as NodeJS.ErrnoException;
    return { ok: false, problem: `${path} cannot be read (${code})` };
  }
}
