import { readFileSync } from "node:fs";

/** The version in a `package.json`, as a program tells it to servers. */
export const versionIn = (manifest: URL): string =>
  String((JSON.parse(readFileSync(manifest, "utf8")) as { readonly version: unknown }).version);
