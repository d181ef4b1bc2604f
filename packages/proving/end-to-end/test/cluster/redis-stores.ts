import { lockKindOf } from "@sallyport/lock-core";
import type { LockStore } from "@sallyport/lock-store";
import { type OpenRedisLockStoreOptions, openRedisLockStore } from "@sallyport/lock-store/redis";
import { Redis } from "ioredis";

/** Opens the stores of both tiers on one Redis, each over its own connection. */
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
 * Returns every trace of a lock in Redis: the lock itself, its deadline, and its place in the index of
 * owners. Redis keeps the id of the last write of a deleted lock for a while; this id does not count. With
 * `butServers`, the locks of servers do not count either.
 */
export async function remainsOfLocks(
  url: string,
  { butServers = false }: { readonly butServers?: boolean } = {},
): Promise<readonly string[]> {
  const redis = new Redis(url);
  try {
    const remains: string[] = [];
    for (const key of await redis.keys("*")) {
      if (/:(version|writers|shards|generation)$/.test(key)) continue;
      if (/:lock:/.test(key) && (await isTombstone(redis, key))) continue;
      if (butServers && (await isOfServers(redis, key))) continue;
      remains.push(key);
    }
    return remains.sort();
  } finally {
    redis.disconnect();
  }
}

/** Whether the key is the lock of a server, or a set of deadlines that belong only to such locks. */
async function isOfServers(redis: Redis, key: string): Promise<boolean> {
  if (!key.endsWith(":deadlines")) return /:lock:server:/.test(key);
  return (await redis.zrange(key, "0", "-1")).every((member) => lockKindOf(member) === "server");
}

async function isTombstone(redis: Redis, key: string): Promise<boolean> {
  const [fields, ttlMs] = await Promise.all([redis.hkeys(key), redis.pttl(key)]);
  return fields.join() === "write" && ttlMs > 0;
}
