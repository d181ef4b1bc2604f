import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Verdict } from "../src/checks/judge.ts";

/* The whole program, for a short while: what a long run does more of. */

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sallyport-chaos-test-"));
let exitCode: number | null;
let verdict: Verdict;
let said = "";

beforeAll(async () => {
  execFileSync(`${root}/node_modules/.bin/tsc`, ["-b", "packages/proving/chaos"], {
    cwd: root,
    stdio: "inherit",
  });
  const json = join(folder, "verdict.json");
  const child = spawn(
    process.execPath,
    [main, "--seed", "6", "--minutes", "0.35", "--bots", "8", "--json", json],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  exitCode = await new Promise((resolve) => child.once("close", resolve));
  verdict = JSON.parse(readFileSync(json, "utf8")) as Verdict;
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("whatever is killed, paused or cut off, nothing that was promised is broken", () => {
  expect(verdict.violations, said).toEqual([]);
  expect(exitCode, said).toBe(0);
});

test("every rule was put to the test", () => {
  expect(verdict.checks.filter(({ saw }) => saw === 0)).toEqual([]);
  for (const mark of [
    "entries into the world",
    "of these by the gateway",
    "saves acknowledged",
    "hops between map-servers",
  ])
    expect(verdict.marks[mark], mark).toBeGreaterThan(0);
});
