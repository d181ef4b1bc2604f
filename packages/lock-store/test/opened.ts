import type { LockReader, LockStore } from "../src/index.ts";

/** Gives a test one empty space of locks, and other ways to reach the locks than its store. */
export interface Opened {
  readonly store: LockStore;
  /** Opens another store over the same locks, like a process that starts later. */
  reopen(): Promise<LockStore>;
  readonly reader: LockReader;
  /** Resolves when the store's clock reaches this time. */
  clockReaches(nowMs: number): Promise<void>;
  /** Returns the shard of a key. Stores order deadlines only within a shard. */
  shardOf(key: string): number;
  close(): Promise<void>;
}

export async function pages(
  store: LockStore,
  owner: string,
  limit: number,
  between: (page: readonly string[]) => Promise<void> = async () => {},
): Promise<(readonly string[])[]> {
  const found: (readonly string[])[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<LockStore["ownedBy"]>> = await store.ownedBy(owner, cursor, limit);
    found.push(page.keys);
    await between(page.keys);
    cursor = page.next;
  } while (cursor !== null);
  return found;
}

export async function owned(store: LockStore, owner: string): Promise<string[]> {
  return (await pages(store, owner, 100)).flat().sort();
}
