import { expect, test } from "vitest";
import { marksReached } from "../src/marks.ts";
import { caseOf, figureOf, type Round } from "../src/report.ts";

const round = (perSecond: number, more: Partial<Round> = {}): Round => ({
  ...{ seconds: 10, count: 10 * perSecond, failures: {}, perSecond, bytes: 0 },
  ...{ generatorMs: 0.5, generatorBusy: 0.3 },
  durationsMs: { count: 10 * perSecond, p50: 10, p95: 20, p99: 25, max: 40 },
  processorMs: { login: 1 },
  ...more,
});

function reached(name: string, cases: readonly ReturnType<typeof caseOf>[]): number | null | undefined {
  return marksReached({ cases, figures: [] }).find((mark) => mark.name === name)?.reached;
}

test("a mark that a run did not measure has no value", () => {
  expect(new Set(marksReached({ cases: [], figures: [] }).map((mark) => mark.reached))).toEqual(
    new Set([null]),
  );
});

test("hops are compared with the floor, and failed ones are counted", () => {
  const hops = (clients: number) =>
    caseOf(
      { scenario: "full hop, Ragnarok", name: `${clients} clients`, unit: "hops", bound: "floor" },
      { ours: [round(60, { failures: { closed: 2 } })], bare: [round(50)] },
    );
  const cases = [hops(64), hops(256)];
  expect(reached("hops/s beside the floor, 64 clients", cases)).toBe(1.2);
  expect(reached("hops that failed", cases)).toBe(4);
  expect(reached("p99 / p50 of a hop, 64 clients", cases)).toBe(2.5);
});

test("a crowd is compared by time: its coming with a fan-out, and its leaving with its coming", () => {
  const crowd = (what: string, ours: number, bare: number) =>
    caseOf(
      { scenario: "crowd on one cell", name: `1000 ${what}`, unit: "players", bound: "fan-out" },
      { ours: [round(ours)], bare: [round(bare)] },
    );
  const cases = [crowd("come", 100, 250), crowd("leave", 1_000, 5_000)];
  expect(reached("1,000 come to one cell, time beside a bare fan-out", cases)).toBe(2.5);
  expect(reached("1,000 leave, time beside their coming", cases)).toBe(0.1);
});

test("memory is that of all servers together", () => {
  const names = { scenario: "spread out", name: "3000, memory a player", unit: "KB" };
  const figures = [figureOf(names, [{ login: 1, char: 2, map: 10, redis: 50 }])];
  const mark = marksReached({ cases: [], figures }).find(({ name }) => name.includes("spread out"));
  expect(mark?.reached).toBe(13);
});
