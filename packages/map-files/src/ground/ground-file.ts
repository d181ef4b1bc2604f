import { quote, whyUnread, wrong } from "../map-file-error.ts";
import { parseField } from "./field-file.ts";
import { parseGat } from "./gat-file.ts";
import { type Ground, GroundFileError } from "./ground.ts";

/**
 * Reads a file whose path starts at the folder of the map file. If the name ends with `.gz`, returns the
 * unpacked bytes. Throws if the file cannot be read, or is too large.
 */
export type ReadBeside = (file: string) => Uint8Array;

export const noFiles: ReadBeside = () => {
  throw new Error("there are no files beside it");
};

const formats: readonly (readonly [RegExp, (bytes: Uint8Array) => Ground])[] = [
  [/\.fld2(\.gz)?$/, parseField],
  [/\.gat(\.gz)?$/, parseGat],
];

/** Reads the cells from a file beside the map file. Throws `MapFileError`. */
export function readGround(file: string, readBeside: ReadBeside, where: string): Ground {
  if (/[/\\]/.test(file)) {
    throw wrong(where, `expected the name of a file in the same folder, found ${quote(file)}`);
  }
  const parse = formats.find(([pattern]) => pattern.test(file))?.[1];
  if (parse === undefined) {
    throw wrong(
      where,
      `expected a file that ends with .fld2, .gat, .fld2.gz or .gat.gz, found ${quote(file)}`,
    );
  }
  const bytes = bytesBeside(file, readBeside, where);
  try {
    return parse(bytes);
  } catch (error) {
    if (!(error instanceof GroundFileError)) throw error;
    throw wrong(where, `${quote(file)} ${error.message}`);
  }
}

/** Reads the file. Throws `MapFileError`. */
export function bytesBeside(file: string, readBeside: ReadBeside, where: string): Uint8Array {
  try {
    return readBeside(file);
  } catch (error) {
    throw wrong(where, `${quote(file)} cannot be read (${whyUnread(error)})`);
  }
}
