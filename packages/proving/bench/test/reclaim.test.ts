import { expect, test } from "vitest";
import { openReclaimer } from "../src/reclaim/open-reclaimer.ts";

test.each(["locks", "bare"] as const)("every lock is reclaimed once in each round, by %s", async (by) => {
  const locks = 1_234;
  const reclaimer = await openReclaimer({ by, redisUrl: null, locks });
  for (const _round of [1, 2]) {
    let reclaimed = 0;
    await reclaimer.reclaim((count) => {
      reclaimed += count;
    });
    expect(reclaimed).toBe(locks);
  }
  reclaimer.close();
});
