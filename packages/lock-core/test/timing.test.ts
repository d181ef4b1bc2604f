import { describe, expect, test } from "vitest";
import { defaultLockTiming, type LockTiming, timingProblems } from "../src/index.ts";

describe("timing", () => {
  test("is valid by default", () => {
    expect(timingProblems(defaultLockTiming)).toEqual([]);
  });

  test.each(Object.keys(defaultLockTiming) as (keyof LockTiming)[])(
    "refuses a %s that is not a whole number of milliseconds above 0, and names it",
    (name) => {
      for (const wrong of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        const problems = timingProblems({ ...defaultLockTiming, [name]: wrong });
        expect(problems).toContain(`${name} must be a whole number of milliseconds above 0`);
      }
    },
  );

  test("refuses a hand-over that takes longer than a client waits for its map", () => {
    const timing = { ...defaultLockTiming, handOverMs: 30_000, charToMapMs: 30_000 };
    expect(timingProblems(timing)).toEqual([expect.stringMatching(/^handOverMs must be shorter/)]);
    expect(timingProblems({ ...timing, handOverMs: 29_999 })).toEqual([]);
  });

  test("refuses a kick that takes longer than a choice", () => {
    const timing = { ...defaultLockTiming, chooseMs: 10_000, evictMs: 10_001 };
    expect(timingProblems(timing)).toEqual([expect.stringMatching(/^evictMs must not be longer/)]);
    expect(timingProblems({ ...timing, evictMs: 10_000 })).toEqual([]);
  });

  test("refuses a lease that keeps a server out until it has stepped down", () => {
    const timing = { ...defaultLockTiming, leaseMs: 15_000, reconnectMs: 15_000 };
    expect(timingProblems(timing)).toEqual([expect.stringMatching(/^leaseMs must be shorter/)]);
    expect(timingProblems({ ...timing, leaseMs: 14_999 })).toEqual([]);
  });

  test("refuses to free locks while their server may still expect to come back", () => {
    const timing = { ...defaultLockTiming, reconnectMs: 20_000, reclaimMs: 19_999 };
    expect(timingProblems(timing)).toEqual([expect.stringMatching(/^reclaimMs must not be shorter/)]);
    expect(timingProblems({ ...timing, reclaimMs: 20_000 })).toEqual([]);
  });
});
