import { playerProtocols } from "@sallyport/rig";
import { beforeAll, expect, test } from "vitest";
import type { Verdict } from "../src/checks/judge.ts";
import { runProgram } from "./run-program.ts";

/* Runs the whole program with few clients, each of which comes by three of the protocols. */

const [clients, visits] = [12, 3];

let exitCode: number;
let verdict: Verdict;
let said: string;

beforeAll(async () => {
  const args = ["--clients", `${clients}`, "--visits", `${visits}`, "--minutes", "0"];
  ({ exitCode, verdict, said } = await runProgram("mixed", "mixed/main.js", args));
});

test("clients of all protocols hear each other, cross to the other map-server and leave, and nobody is stuck", () => {
  expect(verdict.violations, said).toEqual([]);
  expect(exitCode, said).toBe(0);
});

test("every rule was tested, by clients of every protocol", () => {
  expect(verdict.checks.filter(({ saw }) => saw === 0)).toEqual([]);
  for (const { name } of playerProtocols)
    expect(verdict.marks[`of these by ${name} clients`], name).toBeGreaterThanOrEqual(
      (clients * visits) / playerProtocols.length,
    );
});
