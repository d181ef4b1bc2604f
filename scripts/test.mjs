import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { foreground } from "./child.mjs";
import { houseChecks, runChecks } from "./house-checks.mjs";
import { root } from "./pnpm.mjs";
import { install } from "./prepare.mjs";

process.chdir(root);
await install({ forTests: true });
const checked = await runChecks(houseChecks.filter(({ isTest }) => !isTest));
const ran = await runTests(process.argv.slice(2));

if (ran.passed + ran.failed === 0) console.log("No test was found.");
if (checked.failed.length > 0) console.log(`Failed before the tests: ${checked.failed.join(", ")}`);
if (ran.passed > 0) tellOfRun(ran);
const passed = ran.passed + checked.passed.length;
const failed = ran.failed + checked.failed.length;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && ran.passed > 0 && ran.status === 0 ? 0 : 1;

/** Test files run in parallel, so the sum of these times exceeds the duration of the run. */
function tellOfRun({ testMs, seeds, plantedSeeds }) {
  const times = Object.entries(testMs).sort(([, one], [, other]) => other - one);
  console.log(
    `Time in test files: ${times.map(([name, ms]) => `${name} ${Math.round(ms / 1_000)} s`).join(", ")}`,
  );
  console.log(`Simulated: ${seeds} seeds, and ${plantedSeeds} with planted faults`);
}

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
    // If the runner failed without a failed test, it was aborted, and some tests may not have run. So the run
    // counts as failed.
    if (status !== 0 && counted.failed === 0 && counted.passed > 0) counted.failed = 1;
    if (status !== 0 && !existsSync(counts)) counted.failed = 1;
    return { ...counted, status };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
