import { houseChecks, runChecks } from "./house-checks.mjs";
import { install } from "./prepare.mjs";

await install();
const { passed, failed } = await runChecks(houseChecks);
console.log(`${passed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
