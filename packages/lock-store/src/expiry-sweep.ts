import type { LockStore } from "./lock-store.ts";

export interface SweepOptions {
  readonly store: Pick<LockStore, "due">;
  /** How many keys one pass takes at most. */
  readonly limit: number;
  /**
   * Ends what has run out, by the lock's own rules and the store's clock. It is asked for keys that another sweep
   * takes at the same time, or that were renewed meanwhile, so it has to find out for itself.
   */
  readonly expire: (key: string) => Promise<void>;
  /** Told of a key that could not be expired. It stays due, so the next pass has it again. */
  readonly onError: (key: string, error: unknown) => void;
  readonly concurrency?: number;
}

export interface Swept {
  /** Fewer than `limit` means that nothing more was due. */
  readonly due: number;
  readonly failed: number;
}

/** One pass over what is due. When to make the next one is the caller's affair; sweeping twice is harmless. */
export async function sweepDue({
  store,
  limit,
  expire,
  onError,
  concurrency = 32,
}: SweepOptions): Promise<Swept> {
  const keys = await store.due(limit);
  let failed = 0;
  // The workers share one iterator: each takes the next key when it is done with its last.
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
