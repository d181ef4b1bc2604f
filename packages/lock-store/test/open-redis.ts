import { testRedis, until } from "@sallyport/testkit";
import { Redis } from "ioredis";
import type { LockStore } from "../src/index.ts";
import {
  type OpenRedisLockStoreOptions,
  openRedisLockReaders,
  openRedisLockStore,
} from "../src/redis/index.ts";
import { RedisKeys } from "../src/redis/redis-keys.ts";
import type { Opened } from "./opened.ts";

export interface OpenedRedis extends Opened {
  readonly keys: RedisKeys;
  /** Tests use this plain client to see what the store did. */
  readonly redis: Redis;
  reopen(options?: Partial<OpenRedisLockStoreOptions>): Promise<LockStore>;
}

/** Opens a new space of locks, on the shared Redis unless the options name a different Redis. */
export async function openRedis(options: Partial<OpenRedisLockStoreOptions> = {}): Promise<OpenedRedis> {
  const { url, prefix } =
    options.url === undefined ? testRedis() : { url: options.url, prefix: "sallyport:" };
  const all = { url, prefix, space: "login", shards: 16, ...options };
  const stores: LockStore[] = [];
  const reopen: OpenedRedis["reopen"] = async (changed = {}) => {
    const store = await openRedisLockStore({ ...all, ...changed });
    stores.push(store);
    return store;
  };
  const keys = new RedisKeys(all);
  const store = await reopen();
  const readers = await openRedisLockReaders({ url: all.url, prefix: all.prefix });
  const redis = new Redis(url);
  redis.on("error", () => {}); // some tests stop the server
  return {
    store,
    reader: readers.of(all.space),
    keys,
    redis,
    reopen,
    shardOf: (key) => keys.shardOf(key),
    clockReaches: async (atMs) => {
      const what = `the clock of Redis reaches ${atMs}`;
      await until(
        async () => {
          const [seconds, microseconds] = await redis.time();
          return Number(seconds) * 1_000 + Number(microseconds) / 1_000 >= atMs;
        },
        { what },
      );
    },
    close: async () => {
      await Promise.all(stores.map((opened) => opened.close()));
      await readers.close();
      redis.disconnect();
    },
  };
}

/** Counts how often each command ran during `act`. The counts include commands inside scripts. */
export async function callsDuring(
  redis: Redis,
  act: () => Promise<unknown>,
): Promise<Record<string, number>> {
  await redis.config("RESETSTAT");
  await act();
  const stats = await redis.info("commandstats");
  const calls = [...stats.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)].map(([, name, count]) => [
    name,
    Number(count),
  ]);
  const { info: _info, "config|resetstat": _resetstat, ...ours } = Object.fromEntries(calls);
  return ours;
}
