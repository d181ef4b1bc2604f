import { ManualClock } from "@sallyport/testkit";
import { beforeEach, expect, test } from "vitest";
import { drained } from "../src/index.ts";
import { heardLog } from "./heard-log.ts";

let clock: ManualClock;
let left: number;
beforeEach(() => {
  clock = new ManualClock();
  left = 3;
});

function begin() {
  const { log, lines } = heardLog();
  let isOver = false;
  const over = (): string | null => (left === 0 ? "empty" : null);
  const bounds = { withinMs: 60_000, tellEveryMs: 10_000 };
  void drained({ clock, log }, { ...bounds, left: () => ({ connections: left }), over }).then(() => {
    isOver = true;
  });
  const told = () =>
    lines.map(({ msg, why, ...line }) => [msg, line["connections"], ...(why === undefined ? [] : [why])]);
  return { told, isOver: () => isOver };
}

test("a draining server logs now and then how many are left, and that it is done", async () => {
  const { told, isOver } = begin();
  await clock.advance(20_500);
  expect([isOver(), told()]).toEqual([
    false,
    [
      ["draining", 3],
      ["still draining", 3],
      ["still draining", 3],
    ],
  ]);
  left = 0;
  await clock.advance(100);
  expect(isOver()).toBe(true);
  expect(told().slice(3)).toEqual([["drained", 0, "empty"]]);
});

test("a draining server gives up at its time limit, and logs how many are left", async () => {
  const { told, isOver } = begin();
  await clock.advance(59_900);
  expect(isOver()).toBe(false);
  await clock.advance(200);
  expect(isOver()).toBe(true);
  expect(told().at(-1)).toEqual(["not drained", 3, "too late"]);
});
