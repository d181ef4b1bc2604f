import { join } from "node:path";
import { foreground } from "./child.mjs";
import { root } from "./pnpm.mjs";
import { prepare } from "./prepare.mjs";

await prepare();
const main = join(root, "packages/simulation/dist/main.js");
// Seeds make much that is soon forgotten.
process.exitCode = await foreground(["--max-semi-space-size=64", main, ...process.argv.slice(2)]);
