import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * A mistake that a programmer could make in a server. It replaces one piece of a server's source by a
 * different piece.
 */
export interface SourceFault {
  /** The wrong behaviour of the server. */
  readonly name: string;
  /** The path of the file, relative to the root of the repository. */
  readonly file: string;
  /** The source that is replaced. It occurs exactly once in the file. */
  readonly find: string;
  readonly put: string;
  readonly note: string;
  /** This test fails if the fault is planted. Some seeds can also find the fault. */
  readonly test?: NamedTest;
}

export interface NamedTest {
  /** The path of the file, relative to the root of the repository. */
  readonly file: string;
  /** The title as written in the test file, with its placeholders. */
  readonly title: string;
}

/**
 * The root of the repository, with a slash at the end. The relative path is the same from `src` and from
 * `dist`.
 */
export const rootFolder = fileURLToPath(new URL("../../../../../", import.meta.url));

/** Returns the source with the fault. Throws unless `find` occurs exactly once in the source. */
export function plantIn(source: string, { name, file, find, put }: SourceFault): string {
  const parts = source.split(find);
  if (parts.length !== 2)
    throw new Error(`"${name}": its passage occurs ${parts.length - 1} times in ${file}`);
  return parts.join(put);
}

/** A plugin that works in Rolldown and in Vite. */
export interface PlantPlugin {
  readonly name: string;
  readonly enforce: "pre";
  readonly load: (id: string) => { readonly code: string; readonly moduleType: "ts" } | null;
}

/** Plants the fault while the file loads, and calls `planted`. */
export function plantOnLoad(fault: SourceFault, planted: () => void = () => {}): PlantPlugin {
  const path = rootFolder + fault.file;
  return {
    name: "plant",
    enforce: "pre",
    load(id) {
      if (id !== path) return null;
      planted();
      return { code: plantIn(readFileSync(path, "utf8"), fault), moduleType: "ts" };
    },
  };
}
