import { foreground } from "./child.mjs";
import { root } from "./pnpm.mjs";
import { install } from "./prepare.mjs";

process.chdir(root);
await install();
process.exitCode = await foreground(["scripts/api-reference/build.mjs", "dist/api"]);
