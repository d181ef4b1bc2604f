/** A file that is no valid map. The message has one line for each problem, with the file and the place. */
export class MapFileError extends Error {
  override readonly name = "MapFileError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/** Creates the error for one problem. `where` is the file and the place in it. */
export const wrong = (where: string, problem: string): MapFileError =>
  new MapFileError([`${where}: ${problem}`]);

/** Why a file cannot be read: the code of the system, or else what was thrown. */
export const whyUnread = (error: unknown): string =>
  (error as { readonly code?: string }).code ?? (error instanceof Error ? error.message : String(error));

/** A file with one mistake often has many. More than these are not reported. */
const problemsMax = 20;

/** Collects the problems of one file, so that its author can correct them together. */
export class Problems {
  readonly #found: string[] = [];

  /** Reads one part of the file. Returns undefined if the part is wrong. */
  attempt<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof MapFileError)) throw error;
      this.#found.push(...error.problems);
      if (this.#found.length >= problemsMax) this.throwIfAny();
      return undefined;
    }
  }

  /** Reads the last part of the file. Throws a `MapFileError` with all problems, if there are any. */
  finish<T>(read: () => T): T {
    const value = this.attempt(read);
    this.throwIfAny();
    // Without a problem, it was read.
    return value as T;
  }

  throwIfAny(): void {
    if (this.#found.length > 0) throw new MapFileError(this.#found.slice(0, problemsMax));
  }
}

/**
 * Puts the text in quotes. Shortens it, because a binary file can have very long lines. Writes characters that
 * control a terminal, or hide text, as numbers.
 */
export function quote(text: string): string {
  const short = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
  return short.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (hidden) => `\\u{${hidden.codePointAt(0)?.toString(16)}}`);
}

/** A class as it is, if it is one plain word. */
export const quoteUnlessWord = (text: string): string => (/^[\w-]+$/.test(text) ? text : quote(text));
