import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./pnpm.mjs";

/** Folders of our packages, from the root of the repository, in the order of their names. */
export const packageFolders = readdirSync(join(root, "packages"))
  .map((name) => `packages/${name}`)
  .filter((folder) => existsSync(join(root, folder, "package.json")))
  .sort();
