import { defaultAttemptBounds } from "@sallyport/authentication";
import { systemClock } from "@sallyport/clock";
import { expect, test } from "vitest";
import { openAttemptCounts } from "../src/index.ts";
import { attemptCountsContract } from "./contract.ts";

attemptCountsContract("memory", async (servers, bounds) => {
  const { counts } = await openAttemptCounts({ redis: null, bounds, nowMs: systemClock.nowMs });
  return { counts: Array.from({ length: servers }, () => counts), close: async () => {} };
});

test("memory forgets the key that was changed least recently when there are too many", async () => {
  const { counts } = await openAttemptCounts({
    ...{ redis: null, bounds: defaultAttemptBounds, nowMs: () => 0 },
    keptMax: 2,
  });
  for (const key of ["one", "two", "one", "three"]) await counts.addresses.add(key, 1);
  expect(await counts.addresses.of("one")).toEqual({ count: 2, leftMs: 60_000 });
  expect(await counts.addresses.of("two")).toBe(null);
});
