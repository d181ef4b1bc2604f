import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./pnpm.mjs";

/** Folders from the root of the repository: the packages that ship, then those that prove them. */
export const packageFolders = ["packages", "packages/proving"]
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
  .filter((folder) => existsSync(join(root, folder, "package.json")))
  .sort();
