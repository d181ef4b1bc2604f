import { readFile, realpath } from "node:fs/promises";
import { sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { defineGame, type Game } from "@sallyport/game-core";
import { describeLoadProblem, lineOfImport, missingImport } from "./load-problem.ts";
import { moduleScope } from "./module-scope.ts";

export type LoadedGame = {
  /** The files of the game that were imported, also if one of them failed. */
  readonly files: ReadonlySet<string>;
} & ({ readonly ok: true; readonly game: Game } | { readonly ok: false; readonly problem: string });

/* These paths work from both src/ and dist/. */
/** Lets the module find the `@sallyport/game` of this process, wherever the module is. */
const tsconfig = fileURLToPath(new URL("../../game-tsconfig.json", import.meta.url));
const packagesFolder = fileURLToPath(new URL("../../../", import.meta.url));

/** Imports the module of a game, in TypeScript or JavaScript. Each call runs all files of the game anew. */
export async function loadGame(path: string): Promise<LoadedGame> {
  const files = new Set([path]);
  const no = (problem: string): LoadedGame => ({ ok: false, problem, files });
  const file = await realpath(path).catch(() => null);
  if (file === null) return no(`${path} does not exist`);
  files.add(file);
  const scope = await moduleScope(file);
  if (!scope.ok) return no(scope.problem);
  // A game can be a package beside ours.
  const isBesideOurs = isIn(scope.folder, packagesFolder);
  const isOurs = (each: string): boolean =>
    isIn(each, packagesFolder) && !(isBesideOurs && isIn(each, scope.folder));
  const onImport = (url: string): void => {
    const imported = url.startsWith("file:") ? fileURLToPath(url) : null;
    if (imported !== null && !isInstalled(imported) && !isOurs(imported)) files.add(imported);
  };
  try {
    const { tsImport } = await tsx();
    const module: unknown = await tsImport(pathToFileURL(file).href, {
      parentURL: import.meta.url,
      tsconfig,
      onImport,
    });
    const made = madeByDefineGame(module);
    if (made === null) return no(`${file}: ${missingDefault(module)}`);
    // The module has a copy of `defineGame` of its own. So the definition is checked again, by this one.
    return { ok: true, game: defineGame(made.definition), files };
  } catch (error) {
    return no(await withLine(error, describeLoadProblem(error, files)));
  }
}

/** Loads tsx without its cache: it never returns if it cannot write to the folder of temporary files. */
function tsx() {
  process.env["TSX_DISABLE_CACHE"] = "1";
  return import("tsx/esm/api");
}

const isIn = (path: string, folder: string): boolean =>
  `${path}${sep}`.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);

const isInstalled = (path: string): boolean => path.split(sep).includes("node_modules");

function madeByDefineGame(module: unknown): Game | null {
  const made = (module as { readonly default?: unknown }).default;
  const isMade = typeof made === "object" && made !== null && "definition" in made;
  return isMade ? (made as Game) : null;
}

const missingDefault = (module: unknown): string =>
  "default" in (module as object)
    ? "its default export is not made by defineGame; write `export default defineGame({ ... })`"
    : "it has no default export; write `export default defineGame({ ... })`";

/** Node does not say on which line an import is that fails. */
async function withLine(error: unknown, problem: string): Promise<string> {
  const missing = missingImport(error);
  if (missing === null) return problem;
  const text = await readFile(missing.importer, "utf8").catch(() => "");
  const line = lineOfImport(text, missing.wanted);
  return line === null ? problem : problem.replace(missing.importer, `${missing.importer}:${line}`);
}
