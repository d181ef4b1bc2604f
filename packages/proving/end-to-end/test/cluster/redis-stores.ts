import { type LockStore, type OpenRedisLockStoreOptions, openRedisLockStore } from "@sallyport/lock-store";
import { Redis } from "ioredis";

/** The stores of both tiers on one Redis, over connections of their own. */
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
 * What a Redis still has of any lock: the lock itself, a deadline, or a place in the index of owners. A deleted lock
 * keeps the id of its last write for a while; that is no lock.
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
