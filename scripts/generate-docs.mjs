import { foreground } from "./child.mjs";
import { root } from "./pnpm.mjs";
import { install } from "./prepare.mjs";

process.chdir(root);
await install();
const vitest = "node_modules/vitest/vitest.mjs";
process.exitCode = await foreground([vitest, "run", "scripts/generated-docs.test.ts", "--update"]);
