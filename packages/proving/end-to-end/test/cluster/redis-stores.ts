import { type LockStore, type OpenRedisLockStoreOptions, openRedisLockStore } from "@sallyport/lock-store";
import { Redis } from "ioredis";

/** The stores of both tiers on one Redis, each over its own connection. */
export async function redisStores(
  url: string,
  options: Pick<OpenRedisLockStoreOptions, "commandTimeoutMs" | "graceMs" | "noteUse"> = {},
): Promise<{ login: LockStore; world: LockStore }> {
  const [login, world] = await Promise.all([
    openRedisLockStore({ ...options, url, space: "login" }),
    openRedisLockStore({ ...options, url, space: "world:alpha" }),
  ]);
  return { login, world };
}

/**
 * Every trace of a lock in Redis: the lock itself, its deadline, and its place in the index of owners. A
 * deleted lock keeps the id of its last write for a while; that does not count.
 */
export async function remainsOfLocks(url: string): Promise<readonly string[]> {
  const redis = new Redis(url);
  try {
    const remains: string[] = [];
    for (const key of await redis.keys("*")) {
      if (/:(version|writers|shards|generation)$/.test(key)) continue;
      if (/:lock:/.test(key) && (await isTombstone(redis, key))) continue;
      remains.push(key);
    }
    return remains.sort();
  } finally {
    redis.disconnect();
  }
}

async function isTombstone(redis: Redis, key: string): Promise<boolean> {
  const [fields, ttlMs] = await Promise.all([redis.hkeys(key), redis.pttl(key)]);
  return fields.join() === "write" && ttlMs > 0;
}
