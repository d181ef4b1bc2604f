import { expect, test } from "vitest";
import { pauseBeforeStart } from "../src/process/workers.ts";

test("a worker that keeps dying is restarted after a delay that doubles each time, up to half a minute", () => {
  const died = Array.from({ length: 10 }, (_, nth) => 100_000 + nth * 1_000);
  const pauses = died.map((nowMs, nth) => pauseBeforeStart(died.slice(0, nth + 1), nowMs));
  expect(pauses).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
  // Deaths from long ago do not count.
  expect(pauseBeforeStart([...died, 200_000], 200_000)).toBe(200);
});
