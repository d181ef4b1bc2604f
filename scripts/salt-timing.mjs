import { join } from "node:path";
import { foreground } from "./child.mjs";
import { root } from "./pnpm.mjs";
import { prepare } from "./prepare.mjs";

await prepare();
const main = join(root, "packages/topology/dist/salt-timing/main.js");
process.exitCode = await foreground([main, ...process.argv.slice(2)], { ownGroup: true });
