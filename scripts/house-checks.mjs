import { capture } from "./child.mjs";
import { root } from "./pnpm.mjs";

const vitest = ["node_modules/vitest/vitest.mjs", "run", "--project=unit", "--update=none"];

/**
 * Two checks run at a time. One with `isOfBuild` begins after the check `build`. `npm test` leaves out checks with
 * `isTest`, because it runs their tests anyway.
 */
export const houseChecks = [
  {
    name: "format and import order",
    run: ["node_modules/@biomejs/biome/bin/biome", "check", "--max-diagnostics=none", "."],
    fix: "npm run format",
  },
  { name: "build", run: ["scripts/build.mjs"] },
  {
    name: "types of the tests",
    run: ["node_modules/typescript/bin/tsc", "-p", "tsconfig.test.json"],
    isOfBuild: true,
  },
  {
    name: "lint",
    run: ["node_modules/oxlint/bin/oxlint"],
    fix: "npm run lint -- --fix, or by hand",
    isOfBuild: true,
  },
  {
    name: "nothing unused",
    run: ["node_modules/knip/bin/knip.js", "--treat-config-hints-as-errors"],
    fix: "npx knip --fix, then npx --yes pnpm@10 install",
  },
  {
    name: "house rules",
    run: [
      ...vitest,
      "scripts/tidy.test.ts",
      "scripts/log-messages.test.ts",
      "scripts/page-code.test.ts",
      "scripts/seeds-page.test.ts",
    ],
    isTest: true,
    isOfBuild: true,
  },
  {
    name: "generated pages",
    run: [...vitest, "scripts/generated-docs.test.ts"],
    fix: "npm run docs",
    isTest: true,
    isOfBuild: true,
  },
  {
    name: "docstrings",
    run: [...vitest, "scripts/api-reference.test.ts"],
    fix: "give docstrings to what a program can import",
    isTest: true,
    isOfBuild: true,
  },
];

/**
 * Runs all checks. Prints one line for each check, and the whole output of those that failed, in this order.
 * Resolves to the names of the passed and of the failed checks.
 */
export async function runChecks(checks, say = console.log) {
  const ends = [];
  const built = checks.findIndex(({ name }) => name === "build");
  for (const [index, { run, isOfBuild }] of checks.entries())
    ends.push(Promise.all([ends[index - 2], isOfBuild && ends[built]]).then(() => runCheck(run)));
  const passed = [];
  const failed = [];
  for (const [index, { name, fix }] of checks.entries()) {
    const { isFine, output, seconds } = await ends[index];
    (isFine ? passed : failed).push(name);
    say(`${isFine ? "ok    " : "FAILED"} ${seconds.padStart(5)} s  ${name}`);
    if (!isFine) say(`\n${output.trim()}\n${fix === undefined ? "" : `\nTo fix it: ${fix}\n`}`);
  }
  return { passed, failed };
}

async function runCheck(run) {
  const startedMs = performance.now();
  const { status, output } = await capture(process.execPath, run, { cwd: root });
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  return { isFine: status === 0, output, seconds };
}
