import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const manifest = new URL("../../../../scripts/newest-node/package.json", import.meta.url);

/**
 * Returns the path of the newest LTS version of Node, or null if npm has no package of it for this platform. Throws if
 * the package exists and is not installed: `npm test` installs it.
 */
export function newestNode(): string | null {
  const { optionalDependencies } = JSON.parse(readFileSync(manifest, "utf8")) as {
    readonly optionalDependencies: Readonly<Record<string, string>>;
  };
  const name = `node-${process.platform}-${process.arch}`;
  if (!Object.hasOwn(optionalDependencies, name)) return null;
  return createRequire(manifest).resolve(`${name}/bin/node`);
}
