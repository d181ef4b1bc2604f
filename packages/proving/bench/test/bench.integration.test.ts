import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { childrenOf, SallyportProcess, until } from "@sallyport/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BenchReport } from "../src/report.ts";

/**
 * Runs the whole program at a small size. The test checks only that everything works. The figures mean
 * nothing.
 */

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sallyport-bench-test-"));
const json = join(folder, "report.json");
let program: SallyportProcess;
let exitCode: number;
let report: BenchReport;

const bench = (...args: readonly string[]): SallyportProcess =>
  new SallyportProcess({
    name: "bench",
    program: [main],
    args,
    environment: process.env as Record<string, string>,
    folder,
  });

beforeAll(async () => {
  program = bench("--smoke", "--generators", "2", "--json", json);
  program.spawn();
  exitCode = await program.untilEnded();
  // Without a report, the program itself failed.
  if (!existsSync(json)) throw new Error(`no report:\n${program.output}`);
  report = JSON.parse(readFileSync(json, "utf8")) as BenchReport;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the bench, for some seconds,", () => {
  test("measures each scenario, ours and its bound, and nothing fails", () => {
    expect(exitCode, program.output).toBe(0);
    expect(report.cases.map(({ scenario, name }) => `${scenario}, ${name}`)).toEqual([
      "full hop, Ragnarok, 1 client",
      "full hop, Ragnarok, 4 clients",
      "full hop, native, 1 client",
      "full hop, native, 4 clients",
      "remembered raw login, 4 clients",
      "SCRAM login, 4 clients",
      "cold login, 4 clients",
      "gateway, full hop, 4 clients",
      "gateway, bytes, 4 clients",
      "limits on logins, full hop, Ragnarok, 4 clients",
      "limits on logins, full hop, native, 4 clients",
      "one process, 4 clients",
      "crowd on one cell, 8 come",
      "crowd on one cell, 8 leave",
      "spread out, 8 walk",
      "game, full hop, 4 clients",
      "game, walking, 8 players",
      "game, walking, 8 players, 4 fishers",
      "reclaim, 1000 locks, memory",
      "reclaim, 1000 locks, Redis",
      "link, 64 under way",
      "decide, account lock",
    ]);
    expect(report.figures.map(({ scenario, name }) => `${scenario}, ${name}`)).toEqual([
      "crowd on one cell, 8, memory a player",
      "crowd on one cell, 8, processor while idle",
      "spread out, 8, memory a player",
      "spread out, 8, processor while idle",
      ...["no game", "sample world", "busy sample world"].flatMap((game) =>
        ["round, p50", "round, p99", "late, p50", "late, p99"].map(
          (what) => `game, walking, ${game}, ${what}`,
        ),
      ),
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
      }
    }
    // Linux counts processor time in steps of 10 ms, and a round of this test may take less.
    const sides = [hops.map(({ ours }) => ours), hops.map(({ bare }) => bare)];
    for (const side of sides) {
      expect(side.reduce((ms, { processorMsTotal }) => ms + processorMsTotal.median, 0)).toBeGreaterThan(0);
      expect(side.reduce((ms, { generatorMs }) => ms + generatorMs, 0)).toBeGreaterThan(0);
    }
  });

  test("prints a table with the ratios, and the marks", () => {
    expect(program.output).toMatch(/^4 clients, ours +\d/m);
    expect(program.output).toMatch(/^ {2}ratio +\d/m);
    expect(program.output).toMatch(/^p50 of a hop beside the floor, 1 client +\d.*(aim|met|missed)$/m);
  });
});

test("an interrupt stops the bench and everything that it has started", async () => {
  const interrupted = bench("--only", "hop", "--clients", "4", "--seconds", "1", "--warm-up", "0");
  interrupted.spawn();
  await interrupted.untilSays(/floor, round 1/);
  const pid = interrupted.child?.pid ?? 0;
  const started = childrenOf(pid).flatMap((child) => [child, ...childrenOf(child)]);
  expect(started.length).toBeGreaterThan(8);
  interrupted.signal("SIGINT");
  expect(await interrupted.untilEnded(), interrupted.output).toBe(130);
  await until(() => started.every((child) => !existsSync(`/proc/${child}`)), {
    what: "all processes of the bench are gone",
  });
});
