import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { systemClock } from "../src/index.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test.each(["after", "every"] as const)(
  "a timer set %s more days ahead than Node can count does not fire at once",
  (when) => {
    const run = vi.fn();
    const warned = vi.spyOn(process, "emitWarning");
    const stop = systemClock[when](2 ** 40, run);
    vi.advanceTimersByTime(1_000);
    stop();
    expect([run.mock.calls, warned.mock.calls]).toEqual([[], []]);
  },
);
