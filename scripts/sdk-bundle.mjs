import { root } from "./pnpm.mjs";
import { install } from "./prepare.mjs";

process.chdir(root);
await install();
// This import comes after `install`, because the module needs the installed packages.
const { writeBundles } = await import("./bundle-sdk.mjs");
for (const path of await writeBundles("dist")) console.log(path);
