import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./pnpm.mjs";

/** All package folders, as sorted paths from the root of the repository. */
export const packageFolders = ["packages", "packages/proving"]
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
  .filter((folder) => existsSync(join(root, folder, "package.json")))
  .sort();
