import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * A mistake that a programmer could make in a server. One passage of a server's source is replaced by
 * another.
 */
export interface SourceFault {
  /** The wrong behaviour of the server. */
  readonly name: string;
  /** The path from the root of the repository. */
  readonly file: string;
  /** The passage that is replaced. It occurs exactly once in the file. */
  readonly find: string;
  readonly put: string;
  readonly note: string;
  /** This test fails with the planted fault. A seed may also find the fault. */
  readonly test?: NamedTest;
}

export interface NamedTest {
  /** The path from the root of the repository. */
  readonly file: string;
  /** The title as written in the test file, with its placeholders. */
  readonly title: string;
}

/**
 * The root of the repository, with a slash at the end. The relative path is the same from `src` and from
 * `dist`.
 */
export const rootFolder = fileURLToPath(new URL("../../../../../", import.meta.url));

/** Returns the source with the fault. Throws unless the passage occurs exactly once. */
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
