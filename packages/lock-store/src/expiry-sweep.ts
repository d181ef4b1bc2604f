import type { LockStore } from "./lock-store.ts";

export interface SweepOptions {
  readonly store: Pick<LockStore, "due">;
  readonly limit: number;
  /**
   * Ends the lock by the lock's own rules, if the deadline has passed on the store's clock. The function must
   * check the deadline itself: another server may sweep the same key at the same time, and the lock may have
   * been renewed.
   */
  readonly expire: (key: string) => Promise<void>;
  /**
   * The sweep calls this for a key that it could not expire. The key stays due, so the next sweep tries it
   * again.
   */
  readonly onError: (key: string, error: unknown) => void;
  readonly concurrency?: number;
}

export interface Swept {
  /** If this is less than `limit`, no other locks were due. */
  readonly due: number;
  readonly failed: number;
}

/** Tries to expire each due lock once. Several sweeps can run at the same time. */
export async function sweepDue({
  store,
  limit,
  expire,
  onError,
  concurrency = 32,
}: SweepOptions): Promise<Swept> {
  const keys = await store.due(limit);
  let failed = 0;
  // The workers share one iterator: each takes the next key when it has finished a key.
  const waiting = keys.values();
  const worker = async (): Promise<void> => {
    for (const key of waiting) {
      try {
        await expire(key);
      } catch (error) {
        failed += 1;
        onError(key, error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, keys.length) }, worker));
  return { due: keys.length, failed };
}
