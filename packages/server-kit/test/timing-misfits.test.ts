import { defaultLockTiming } from "@sallyport/lock-core";
import { describe, expect, test } from "vitest";
import { expectMs, hopMs, timingMisfits, waits } from "../src/index.ts";

describe("the bounds of servers", () => {
  test("fit each other by default", () => {
    expect(timingMisfits(defaultLockTiming)).toEqual([]);
  });

  test("keep to the relations between timers", () => {
    const problems = timingMisfits({ ...defaultLockTiming, leaseMs: 20_000 });
    expect(problems).toEqual([expect.stringMatching(/^leaseMs must be shorter than reconnectMs/)]);
  });

  test("include no login that waits for an owner longer than its client waits for the login", () => {
    expect(timingMisfits({ ...defaultLockTiming, evictMs: 15_000 })).toEqual([]);
    expect(timingMisfits({ ...defaultLockTiming, evictMs: 15_001 })).toEqual([
      "evictMs must be at most 15000: a login waits for it, and clients wait 20000 ms for an answer",
    ]);
  });

  test("include no map-server that takes longer than a choosing client waits", () => {
    expect(timingMisfits({ ...defaultLockTiming, handOverMs: 17_000 })).toEqual([]);
    expect(timingMisfits({ ...defaultLockTiming, handOverMs: 17_001 })).toEqual([
      "handOverMs must be at most 17000: a client that chose a character waits for it, and clients wait 20000 ms for an answer",
    ]);
  });

  test("are compared as set, and not by default", () => {
    expect(timingMisfits(defaultLockTiming, { ...waits, clientMs: 7_000 })).toHaveLength(3);
    expect(timingMisfits(defaultLockTiming, { ...waits, enterMs: 18_000 })).toHaveLength(1);
  });
});

test.each([1, 5_000, 37_500, 45_000, 86_400_000])(
  "a map-server waits longer for a hop than the other may take, with a hand-over timer of %i ms",
  (handOverMs) => {
    expect(hopMs({ handOverMs }) - expectMs({ handOverMs })).toBe(waits.hopStoresMs);
    expect(expectMs({ handOverMs })).toBeLessThanOrEqual(handOverMs);
  },
);
