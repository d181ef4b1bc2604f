import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A mistake as somebody could make it in a server: one passage of its source replaced by another. */
export interface SourceFault {
  /** What the server does wrong. */
  readonly name: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Occurs once in that file. */
  readonly find: string;
  readonly put: string;
  /** What may come of it. */
  readonly note: string;
  /** Fails with the fault, whether or not a seed shows it. */
  readonly test?: NamedTest;
}

export interface NamedTest {
  /** From the root of the repository. */
  readonly file: string;
  /** As it is written there, with its placeholders. */
  readonly title: string;
}

/** With a slash at its end. Right for what is built, too. */
export const rootFolder = fileURLToPath(new URL("../../../../../", import.meta.url));

/** The source with the fault in it. Throws where the passage is not there, or not only once. */
export function plantIn(source: string, { name, file, find, put }: SourceFault): string {
  const parts = source.split(find);
  if (parts.length !== 2)
    throw new Error(`"${name}": its passage occurs ${parts.length - 1} times in ${file}`);
  return parts.join(put);
}

/** A plugin of Rolldown and of Vite. */
export interface PlantPlugin {
  readonly name: string;
  readonly enforce: "pre";
  readonly load: (id: string) => { readonly code: string; readonly moduleType: "ts" } | null;
}

/** Puts the fault in as the file is loaded, and tells of that. */
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
