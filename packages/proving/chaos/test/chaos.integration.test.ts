import { beforeAll, expect, test } from "vitest";
import type { Verdict } from "../src/checks/judge.ts";
import { runProgram } from "./run-program.ts";

/* Runs the whole program for a short time. A long run does the same more often. */

let exitCode: number;
let verdict: Verdict;
let said: string;

beforeAll(async () => {
  const args = ["--seed", "345", "--minutes", "0.35", "--bots", "12"];
  ({ exitCode, verdict, said } = await runProgram("chaos", "main.js", args));
});

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
    "scores acknowledged",
    "hops between map-servers",
    "bans of accounts",
    "kicks of accounts",
    "characters renamed",
    "passwords set by the operator",
    "passwords changed by players",
    "writes of authors acknowledged",
    "of these over HTTP",
    "writes of authors refused by their token",
  ])
    expect(verdict.marks[mark], mark).toBeGreaterThan(0);
});
