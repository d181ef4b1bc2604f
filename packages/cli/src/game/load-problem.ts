/**
 * Describes why a module of a game did not load, with the file and the line as far as the error knows them.
 * Only frames of the stack remain that are in files of the game.
 */
export function describeLoadProblem(error: unknown, files: ReadonlySet<string>): string {
  if (!(error instanceof Error)) return `the module threw ${String(error)}`;
  if (error.name === "TransformError") return syntaxErrors(error.message);
  const { head, frames } = ownStack(error, files);
  // Node puts the code of its own errors into the first line, where it says nothing to the author.
  return [("code" in error ? error.message : head) || String(error), ...frames].join("\n");
}

/** A copy of an error that code of the game threw. Only frames of the stack remain that are in its files. */
export function withOwnFrames(error: unknown, files: ReadonlySet<string>): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, cause } = error;
  const copy = new Error(message, cause === undefined ? {} : { cause: withOwnFrames(cause, files) });
  const { head, frames } = ownStack(error, files);
  return Object.assign(copy, { name, stack: [head || String(error), ...frames].join("\n") });
}

function ownStack({ stack = "" }: Error, files: ReadonlySet<string>) {
  const firstFrame = stack.search(framePattern);
  const frames = [...stack.matchAll(framePattern)].filter(([, path = ""]) => files.has(path));
  return {
    /** All lines before the frames. */
    head: (firstFrame === -1 ? stack : stack.slice(0, firstFrame)).trimEnd(),
    frames: frames.map(([frame]) => frame.trimStart().replace(/^/, "    ")),
  };
}

/** A line of a stack, with the path of its file. */
const framePattern = /^ +at (?:[^\n]*\()?(?:file:\/\/)?([^\n()]*?):\d+:\d+\)?$/gm;

/**
 * esbuild writes one line for each error, between lines about their number and the place. An error that passes
 * two of its loaders has each line twice.
 */
function syntaxErrors(message: string): string {
  const errors = [...message.matchAll(/^(.+:\d+:\d+): ERROR: (.+)$/gm)];
  const lines = new Set(errors.map(([, at, what]) => `${at}: ${what}`));
  return lines.size === 0 ? message : [...lines].join("\n");
}

const missing = /^Cannot find (?:module|package) '(.+)' imported from (.+)$/m;

/** What cannot be imported, and the file that imports it. Null if the error is another one. */
export function missingImport(error: unknown): { readonly wanted: string; readonly importer: string } | null {
  const isMissing = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
  const [, wanted, importer] = (isMissing && missing.exec(error.message)) || [];
  return wanted === undefined || importer === undefined ? null : { wanted, importer };
}

/** The line, from 1, on which the text of the importer names what it wants. Null if no line does. */
export function lineOfImport(text: string, wanted: string): number | null {
  const name = wanted.split(/[\\/]/).at(-1) ?? wanted;
  const words = [name, name.replace(/\.\w+$/, "")];
  const lines = text.split("\n");
  for (const word of words) {
    const at = lines.findIndex((line) => /["']/.test(line) && line.includes(word));
    if (at !== -1) return at + 1;
  }
  return null;
}
