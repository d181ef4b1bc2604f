import { readLock } from "@sallyport/lock-store";
import { until } from "@sallyport/testkit";
import { expect } from "vitest";
import type { TestCluster } from "./test-cluster.ts";

export type Tier = "login" | "world";

/** The fields of a stored lock that tests about timers read. */
export interface Stored {
  readonly state: string;
  readonly deadlineMs?: number;
  readonly reclaimDeadlineMs?: number;
  readonly incarnation?: string;
}

/** Returns the present lock with its deadline, and the time on the clock of the store. */
export async function look(
  { stores }: TestCluster,
  tier: Tier,
  key: string,
): Promise<{ readonly lock: Stored | null; readonly nowMs: number }> {
  const { lock, nowMs } = await stores[tier].load(key);
  if (lock === null) return { lock, nowMs };
  const { value, deadlineMs } = lock;
  return { lock: { ...(deadlineMs !== null && { deadlineMs }), ...readLock<Stored>(key, value) }, nowMs };
}

/** On a busy machine a sweep may be late. A sweep that takes longer than this hangs. */
const sweptMs = 20_000;

/** Resolves when the lock is free, to the time on the clock of the store. */
export const untilFree = (cluster: TestCluster, tier: Tier, key: string): Promise<number> =>
  until(
    async () => {
      const { lock, nowMs } = await look(cluster, tier, key);
      return lock === null ? nowMs : null;
    },
    { what: `${key} is free`, timeoutMs: sweptMs },
  );

/** Checks that the lock becomes free at this time, and not before. */
export async function endsAt(cluster: TestCluster, tier: Tier, key: string, endMs: number): Promise<void> {
  const nowMs = await untilFree(cluster, tier, key);
  expect({ key, earlyMs: Math.max(0, endMs - nowMs) }).toEqual({ key, earlyMs: 0 });
  expect(nowMs - endMs).toBeLessThan(sweptMs);
}

/** Checks that the lock has a deadline, and becomes free at it, and not before. */
export async function endsByItsDeadline(
  cluster: TestCluster,
  tier: Tier,
  key: string,
  state: string,
): Promise<void> {
  const { lock } = await look(cluster, tier, key);
  expect(lock).toMatchObject({ state, deadlineMs: expect.any(Number) });
  await endsAt(cluster, tier, key, lock?.deadlineMs as number);
}
