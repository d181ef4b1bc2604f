import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";

const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sallyport-count-"));
afterEach(() => rmSync(folder, { recursive: true }));

test("the last line of a run counts passed, failed and unreached tests, and the seeds", () => {
  const files = {
    "mixed.test.mjs": `test("a", () => {}); test("b", ({ task }) => { task.meta.seeds = 7; }); test("c", () => { throw new Error("c"); });
      test.skip("d", () => {});`,
    "broken.test.mjs": "import './no-such-module.mjs'; test('e', () => {});",
    "hook.test.mjs":
      "describe('f', () => { beforeAll(() => { throw new Error('f'); }); test('g', () => {}); });",
    "unhandled.test.mjs":
      "test('h', ({ task }) => { task.meta.seeds = 4; void Promise.reject(new Error('h')); });",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const counts = join(folder, "counts.json");
  const reporter = `--reporter=${pathOf("count-reporter.mjs")}`;
  const { status } = spawnSync(
    process.execPath,
    [pathOf("../node_modules/vitest/vitest.mjs"), "run", "--root", folder, "--globals", reporter],
    { env: { ...process.env, SALLYPORT_TEST_COUNTS: counts }, timeout: 60_000 },
  );
  expect(status).toBe(1);
  // The tests a, b and h pass. The failures are c, the file that does not load, the hook and the unhandled
  // rejection.
  expect(JSON.parse(readFileSync(counts, "utf8"))).toMatchObject({
    ...{ passed: 3, failed: 4, seeds: 11, plantedSeeds: 0 },
    testMs: { "": expect.any(Number) },
  });
});
