import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./pnpm.mjs";

/**
 * The paths of all package folders start at the root of the repository. Packages that ship come before those
 * that test them.
 */
export const packageFolders = ["packages", "packages/proving"]
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
  .filter((folder) => existsSync(join(root, folder, "package.json")))
  .sort();
