import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, SallyportProcess } from "@sallyport/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BenchReport } from "../src/report.ts";

/* Runs the whole program at a small size. The test checks that everything works, and ignores the figures. */

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sallyport-bench-test-"));
const json = join(folder, "report.json");
let program: SallyportProcess;
let exitCode: number;
let report: BenchReport;

beforeAll(async () => {
  build("packages/cli", "packages/proving/bench");
  program = new SallyportProcess({
    name: "bench",
    program: [main],
    args: ["--smoke", "--generators", "2", "--json", json],
    environment: process.env as Record<string, string>,
    folder,
  });
  program.spawn();
  exitCode = await program.untilEnded();
  report = JSON.parse(readFileSync(json, "utf8")) as BenchReport;
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the bench, for some seconds,", () => {
  test("measures each scenario, ours and its bound, and nothing fails", () => {
    expect(exitCode, program.output).toBe(0);
    expect(report.cases.map(({ scenario, name }) => `${scenario}, ${name}`)).toEqual([
      "full hop, 1 client",
      "full hop, 4 clients",
      "remembered login, 16 clients",
      "cold login, 16 clients",
      "crowd on one cell, 8 come, 16 at once",
      "crowd on one cell, 8 leave",
      "link, 64 under way",
      "decide, account lock",
    ]);
    for (const { ours, bare } of report.cases) {
      for (const side of [ours, bare]) {
        expect(side.failures).toEqual({});
        expect(side.perSecond.median).toBeGreaterThan(0);
      }
    }
  });

  test("names the processor time of each server, store and generator", () => {
    const hops = report.cases.filter(({ bound }) => bound === "floor");
    for (const { ours, bare } of hops) {
      for (const side of [ours, bare]) {
        expect(Object.keys(side.processorMs)).toEqual(["login", "char", "map", "redis", "postgres"]);
        expect(side.processorMsTotal.median).toBeGreaterThan(0);
        expect(side.generatorMs).toBeGreaterThan(0);
      }
    }
  });

  test("prints a table with the ratios", () => {
    expect(program.output).toMatch(/^4 clients, ours +\d/m);
    expect(program.output).toMatch(/^ {2}ratio +\d/m);
  });
});
