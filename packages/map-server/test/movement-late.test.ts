import type { Clock } from "@sallyport/clock";
import { type Metrics, noMetrics } from "@sallyport/server-kit";
import { ManualClock } from "@sallyport/testkit";
import { expect, test } from "vitest";
import { HandMadeWorld, stepMs } from "./hand-made.ts";

/**
 * Walks three steps in a process whose timers run late by `lagMs`. Returns the reported delays in seconds.
 */
async function threeSteps(lagMs: number): Promise<readonly number[]> {
  const clock = new ManualClock();
  let lag = 0;
  const told: number[] = [];
  const observe: Metrics["observe"] = (name, _labels, seconds) => {
    if (name === "movementLate") told.push(seconds);
  };
  const late: Clock = {
    nowMs: () => clock.nowMs() + lag,
    every: (...timer) => clock.every(...timer),
    after: (...timer) => clock.after(...timer),
  };
  const world = new HandMadeWorld({ host: { clock: late, metrics: { ...noMetrics, observe } } });
  const walker = await world.plays(world.character(), { map: "meadow", x: 10, y: 3 });
  await walker.walk(13, 3);
  // The start of the walk is already sent. So the next round belongs to the first step.
  await clock.advance(stepMs / 2);
  lag = lagMs;
  await clock.advance(10 * stepMs);
  expect(world.bugs).toEqual([]);
  return told;
}

test("movement in time is reported once a batch, and nothing is reported while all stand still", async () => {
  expect(await threeSteps(0)).toEqual([0, 0, 0]);
});

test("late movement is reported with the delay of the first step that was due", async () => {
  // The second step is also due by now, but the server reports the delay of the first step.
  expect((await threeSteps(stepMs + 50))[0]).toBeCloseTo((stepMs + 50) / 1_000);
});

test("a step that comes due while somebody enters is shown and is not lost", async () => {
  // 1 ms passes at each look at the clock. One of these steps ends between two looks during the entry.
  for (let looks = 1; looks <= 30; looks += 1) {
    const clock = new ManualClock();
    let lag = 0;
    let msPerLook = 0;
    const moving: Clock = {
      nowMs: () => clock.nowMs() + (lag += msPerLook),
      every: (...timer) => clock.every(...timer),
      after: (...timer) => clock.after(...timer),
    };
    const world = new HandMadeWorld({ host: { clock: moving } });
    const walker = await world.plays(world.character(), { map: "meadow", x: 10, y: 3 });
    await walker.walk(11, 3);
    await clock.advance(stepMs - looks);
    msPerLook = 1;
    await world.plays(world.character(), { map: "meadow", x: 12, y: 3 });
    msPerLook = 0;
    await clock.advance(10 * stepMs);
    expect(walker.take("actor.moved")).toMatchObject([{ x: 11, y: 3 }]);
  }
});
