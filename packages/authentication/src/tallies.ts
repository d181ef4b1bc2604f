import type { AttemptOutcome, WindowCount, WindowCounts } from "./attempt-limits.ts";

/**
 * Failures and attempts under way of one key, in one number of the store: 1 for each attempt under way, and
 * `failureWeight` for each failure. So one change of the store counts an attempt and tells both.
 */
export interface Tally {
  readonly failures: number;
  readonly underWay: number;
  readonly leftMs: number;
}

const failureWeight = 1_000_000;

/**
 * The nearest number of failures counts, because a window may end while an attempt is under way. Then the
 * number of attempts under way can be one too low.
 */
export function tallyOf({ count, leftMs }: WindowCount): Tally {
  const failures = Math.max(0, Math.round(count / failureWeight));
  return { failures, underWay: Math.max(0, count - failures * failureWeight), leftMs };
}

/** `stop`: too many have failed. `wait`: too many are under way. */
export function judge({ failures, underWay }: Tally, limit: number): "go" | "wait" | "stop" {
  if (failures >= limit) return "stop";
  return failures + underWay > limit ? "wait" : "go";
}

export interface BegunTally extends Tally {
  end(outcome: AttemptOutcome): void;
}

/** Counts an attempt. The returned tally includes it. */
export async function beginTally(
  counts: WindowCounts,
  key: string,
  nowMs: () => number,
): Promise<BegunTally> {
  const counted = await counts.add(key, 1);
  const endsMs = nowMs() + counted.leftMs;
  return {
    ...tallyOf(counted),
    end(outcome) {
      // The window in which the attempt began may have ended. It took the attempt with it.
      const underWay = nowMs() < endsMs ? 1 : 0;
      const change = (outcome === "wrong" ? failureWeight : 0) - underWay;
      if (change !== 0) void counts.add(key, change);
    },
  };
}

/** The tally of a key that is not limited. */
export const untallied: BegunTally = { failures: 0, underWay: 0, leftMs: 0, end() {} };
