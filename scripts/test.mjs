import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capture, foreground } from "./child.mjs";
import { root } from "./pnpm.mjs";
import { build, install } from "./prepare.mjs";

process.chdir(root);
await install();
const built = await build();
const ran = await runTests(process.argv.slice(2));
const types = await capture(process.execPath, [
  "node_modules/typescript/bin/tsc",
  "-p",
  "tsconfig.test.json",
]);

// What does not compile counts as one failed test, so that the last line tells the whole truth.
let { passed, failed } = ran;
if (!built.ok) {
  console.log(`The build failed:\n${built.output}`);
  failed += 1;
}
if (types.status !== 0) {
  console.log(`The tests do not type-check:\n${types.output}`);
  failed += 1;
}
if (passed + failed === 0) console.log("No test was found.");
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 && ran.status === 0 ? 0 : 1;

async function runTests(args) {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-test-"));
  const counts = join(folder, "counts.json");
  const reporters = args.some((arg) => arg.startsWith("--reporter")) ? [] : ["--reporter=default"];
  try {
    const status = await foreground(
      [
        "node_modules/vitest/vitest.mjs",
        "run",
        ...reporters,
        "--reporter=./scripts/count-reporter.mjs",
        ...args,
      ],
      { env: { ...process.env, SALLYPORT_TEST_COUNTS: counts } },
    );
    const counted = existsSync(counts) ? JSON.parse(readFileSync(counts, "utf8")) : { passed: 0, failed: 0 };
    // A runner that failed without a failed test broke off, and whatever it did not run has not passed.
    if (status !== 0 && counted.failed === 0 && counted.passed > 0) counted.failed = 1;
    if (status !== 0 && !existsSync(counts)) counted.failed = 1;
    return { ...counted, status };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
