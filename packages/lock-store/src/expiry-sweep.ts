import type { LockStore } from "./lock-store.ts";

export interface SweepOptions {
  readonly store: Pick<LockStore, "due">;
  /** How many keys one pass takes at most. */
  readonly limit: number;
  /**
   * Ends a lock whose deadline has passed, by the lock's own rules and the store's clock. It has to check the
   * deadline itself: another sweep may take the same key at the same time, and the lock may have been
   * renewed.
   */
  readonly expire: (key: string) => Promise<void>;
  /** Told of a key that could not be expired. It stays due, so the next pass gets it again. */
  readonly onError: (key: string, error: unknown) => void;
  readonly concurrency?: number;
}

export interface Swept {
  /** Fewer than `limit`: nothing more was due. */
  readonly due: number;
  readonly failed: number;
}

/**
 * Makes one pass over all locks that are due. The caller decides when to make the next pass; sweeping twice
 * is harmless.
 */
export async function sweepDue({
  store,
  limit,
  expire,
  onError,
  concurrency = 32,
}: SweepOptions): Promise<Swept> {
  const keys = await store.due(limit);
  let failed = 0;
  // The workers share one iterator: each takes the next key when it has finished its last.
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
