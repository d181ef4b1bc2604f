import { readFileSync } from "node:fs";

const manifest = new URL("../../package.json", import.meta.url);

/** The version of the program. This path works from both src/ and dist/. */
export const { version: programVersion } = JSON.parse(readFileSync(manifest, "utf8")) as {
  readonly version: string;
};
