import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { playerProtocols } from "@sallyport/rig";
import { build, SallyportProcess } from "@sallyport/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Verdict } from "../src/checks/judge.ts";

/* Runs the whole program with few clients, each of which comes by three of the protocols. */

const [clients, visits] = [12, 3];

const main = fileURLToPath(new URL("../dist/mixed/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sallyport-mixed-test-"));
let exitCode: number;
let verdict: Verdict;
let said = "";

beforeAll(async () => {
  build("packages/proving/chaos");
  const json = join(folder, "verdict.json");
  const program = new SallyportProcess({
    name: "mixed",
    program: [main],
    args: [...["--clients", `${clients}`, "--visits", `${visits}`, "--minutes", "0"], "--json", json],
    environment: process.env as Record<string, string>,
    folder,
  });
  program.spawn();
  exitCode = await program.untilEnded();
  said = program.output;
  verdict = JSON.parse(readFileSync(json, "utf8")) as Verdict;
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

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
