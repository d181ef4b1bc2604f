import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, SallyportProcess } from "@sallyport/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Verdict } from "../src/checks/judge.ts";

/* Runs the whole program for a short time. A long run does the same more often. */

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sallyport-chaos-test-"));
let exitCode: number;
let verdict: Verdict;
let said = "";

beforeAll(async () => {
  build("packages/proving/chaos");
  const json = join(folder, "verdict.json");
  const program = new SallyportProcess({
    name: "chaos",
    program: [main],
    args: ["--seed", "57", "--minutes", "0.35", "--bots", "12", "--json", json],
    environment: process.env as Record<string, string>,
    folder,
  });
  program.spawn();
  exitCode = await program.untilEnded();
  said = program.output;
  verdict = JSON.parse(readFileSync(json, "utf8")) as Verdict;
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("no promise is broken, whatever is killed, paused or cut off", () => {
  expect(verdict.violations, said).toEqual([]);
  expect(exitCode, said).toBe(0);
});

test("every rule was tested", () => {
  expect(verdict.checks.filter(({ saw }) => saw === 0)).toEqual([]);
  for (const mark of [
    "entries into the world",
    "of these by the gateway",
    "saves acknowledged",
    "hops between map-servers",
    "bans of accounts",
    "kicks of accounts",
    "characters renamed",
    "passwords set by the operator",
    "passwords changed by players",
  ])
    expect(verdict.marks[mark], mark).toBeGreaterThan(0);
});
