import { describe, expect, test } from "vitest";
import { describeChange } from "../src/change.ts";
import { describeReport, markdownOf } from "../src/describe-report.ts";
import { type BenchReport, caseOf, failedIn, figureOf, type Round, spreadOf } from "../src/report.ts";
import { short } from "../src/short.ts";

const round = (perSecond: number, more: Partial<Round> = {}): Round => ({
  ...{ seconds: 10, count: perSecond * 10, failures: {}, perSecond, bytes: 470 },
  ...{ generatorMs: 0.5, generatorBusy: 0.3 },
  durationsMs: { count: perSecond * 10, p50: 1_000 / perSecond, p95: 20, p99: 30, max: 40 },
  processorMs: { login: 1, char: 2 },
  ...more,
});

const names = { scenario: "full hop", name: "16 clients", unit: "hops", bound: "floor" };

const reportOf = (ours: readonly Round[], bare: readonly Round[]): BenchReport => ({
  startedAt: "2026-01-01T00:00:00.000Z",
  machine: { processor: "a processor", cores: 2, node: "20.19.0", loadBefore: 0.5, loadAfter: 2 },
  size: {
    ...{ clients: [16], atOnce: 16, crowds: [8], held: [8], walkers: 8, gamePlayers: 8, fishers: 2 },
    ...{ locks: 100, rounds: ours.length, seconds: 10, warmUp: 0 },
  },
  cases: [caseOf(names, { ours, bare })],
  figures: [],
  marks: [],
});

describe("a case", () => {
  test("has the median of its rounds, and their spread", () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3 });
    expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, least: 1, most: 4 });
    const { ours } = caseOf(names, { ours: [round(50), round(80), round(60)], bare: [round(100)] });
    expect(ours.perSecond).toEqual({ median: 60, least: 50, most: 80 });
    expect(ours.processorMs).toEqual({ login: 1, char: 2 });
    expect(ours.processorMsTotal.median).toBe(3);
  });

  test("divides neighbouring rounds, so that load that comes and goes is on both sides", () => {
    const [hops] = reportOf([round(50), round(10), round(50)], [round(100), round(20), round(100)]).cases;
    expect(hops?.ratio.perSecond).toEqual({ median: 0.5, least: 0.5, most: 0.5 });
    expect(hops?.ratio.p50Ms.median).toBe(2);
    expect(hops?.ratio.processorMsTotal.median).toBe(1);
  });
});

test("figures are short at any size, and missing ones are a dash", () => {
  expect([0, 0.000_061_9, 0.0123, 0.456, 7.891, 45.67, 1234.5, -1234.5, Number.NaN].map(short)).toEqual([
    ...["0.00", "0.000062", "0.012", "0.46", "7.89", "45.7", "1235", "-1235", "–"],
  ]);
});

test("a figure adds up servers, and leaves out stores", () => {
  const rounds = [
    { login: 1, map: 4, redis: 9, postgres: 9 },
    { login: 3, map: 8, redis: 1, postgres: 1 },
  ];
  const figure = figureOf({ scenario: "hold", name: "8", unit: "KB" }, rounds);
  expect(figure.servers).toEqual({ median: 8, least: 5, most: 11 });
  expect(figure.processes).toEqual({ login: 2, map: 6, redis: 5, postgres: 5 });
});

describe("a report", () => {
  test("counts what failed on either side, and says what it was", () => {
    const failing = reportOf(
      [
        round(50, { failures: { "char: ECONNRESET": 2 } }),
        round(50, { failures: { "char: ECONNRESET": 1 } }),
      ],
      [round(100), round(100, { failures: { "map: closed by the server": 4 } })],
    );
    expect(failedIn(failing)).toBe(7);
    expect(describeReport(failing).slice(-3)).toEqual([
      "Failed:",
      "  full hop, 16 clients, ours: 3 × char: ECONNRESET",
      "  full hop, 16 clients, floor: 4 × map: closed by the server",
    ]);
  });

  test("names each side whose generator had no time left", () => {
    const busy = reportOf([round(50, { generatorBusy: 0.97 })], [round(100)]);
    expect(describeReport(busy).slice(-2)).toEqual([
      "A generator was busy; see --generators:",
      "  full hop, 16 clients, ours: 97 %",
    ]);
  });

  test("shows a mark with what was reached, and says whether it was met", () => {
    const mark = { name: "hops/s", must: 0.9, aim: 1.2, bound: "least" } as const;
    const reached = (value: number | null) => ({ ...mark, reached: value });
    const marks = [1.3, 1, 0.8, null].map(reached);
    const rows = describeReport({ ...reportOf([round(50)], [round(100)]), marks });
    expect(rows.filter((row) => row.startsWith("hops/s ")).map((row) => row.split(/ {2,}/).at(-1))).toEqual([
      ...["aim", "met", "missed", "not measured"],
    ]);
  });

  test("becomes Markdown with the same cells", () => {
    const lines = markdownOf(reportOf([round(50)], [round(100)]));
    expect(lines).toContain("### Full hop");
    expect(lines.find((line) => line.startsWith("| 16 clients, ours"))).toMatch(
      /^\| 16 clients, ours \| 50\.0 /,
    );
  });

  test("shows how each ratio changed since another run, and leaves out cases that one of them lacks", () => {
    const before = reportOf([round(50)], [round(100)]);
    const now = reportOf([round(120)], [round(200)]);
    const lines = describeChange(before, now);
    expect(lines.at(-3)).toMatch(/^full hop, 16 clients +0\.50 → 0\.60 \(\+20 %\)/);
    expect(lines.at(-1)).toBe("The ratios of rates changed by at most 20 %.");
    expect(describeChange({ cases: [] }, now)).toEqual(["", "The other run has none of these cases."]);
  });
});
