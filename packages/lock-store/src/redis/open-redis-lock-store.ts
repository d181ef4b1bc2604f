import { type RedisPlace, replyCode } from "@sallyport/redis";
import type { Redis } from "ioredis";
import type { LockStore } from "../lock-store.ts";
import { connectRedis, type StoreLog } from "./redis-connection.ts";
import { storeError } from "./redis-errors.ts";
import { RedisGenerations } from "./redis-generations.ts";
import { RedisKeys } from "./redis-keys.ts";
import { RedisLockStore } from "./redis-lock-store.ts";
import { scripts } from "./scripts.ts";

export interface OpenRedisLockStoreOptions extends RedisPlace {
  /** Separates the login tier and the worlds that share one Redis: `login`, `world:alpha`. */
  readonly space: string;
  readonly prefix?: string;
  /** All servers of a space must use the same number, as long as its locks exist. */
  readonly shards?: number;
  readonly log?: StoreLog;
  /** How long servers may restore locks after Redis lost them. Every server must come back in this time. */
  readonly graceMs?: number;
  /**
   * Records outside Redis that this space has locks, and resolves to true if that was recorded before. In
   * that case an empty Redis is not new, but has lost its locks.
   */
  readonly noteUse?: () => Promise<boolean>;
  readonly commandTimeoutMs?: number;
  readonly openTimeoutMs?: number;
  /** Tests set this to send one change twice. */
  readonly writeId?: () => string;
}

/** Fails within `openTimeoutMs` with a message that tells an operator what to correct. */
export async function openRedisLockStore({
  url,
  ca,
  space,
  prefix = "sallyport:",
  shards = 16,
  log,
  graceMs = 30_000,
  noteUse = async () => false,
  commandTimeoutMs = 2_000,
  openTimeoutMs = 5_000,
  writeId,
}: OpenRedisLockStoreOptions): Promise<LockStore> {
  const keys = new RedisKeys({ prefix, space, shards });
  const name = `sallyport:${space}`;
  const client = await connectRedis({ url, ca, name, commandTimeoutMs, openTimeoutMs, log });
  const generations = new RedisGenerations({ client, keys, graceMs, log });
  let mayMixShards: boolean;
  try {
    await loadScripts(client);
    mayMixShards = await doesMixShards(client, keys);
    await checkLayout(client, keys, space);
    await generations.open(!(await noteUse()));
    if (log !== undefined) await warnOfEviction(client, log);
  } catch (error) {
    client.disconnect();
    throw error;
  }
  const options = { client, keys, generations, mayMixShards };
  return new RedisLockStore(writeId === undefined ? options : { ...options, writeId });
}

async function loadScripts(client: Redis): Promise<void> {
  for (const { lua } of Object.values(scripts)) {
    try {
      await client.script("LOAD", lua);
    } catch (error) {
      // The first line of each script is a syntax error before Redis 7.0.
      if (replyCode(error) !== "ERR") throw storeError(error, "REDIS_URL: loading the lock scripts");
      if (await isSentinel(client))
        throw new Error(
          "REDIS_URL names a Sentinel, which stores no data: use redis+sentinel://host:26379/name",
          {
            cause: error,
          },
        );
      throw new Error("REDIS_URL: the lock scripts need Redis 7.0 or newer", { cause: error });
    }
  }
}

const isSentinel = async (client: Redis): Promise<boolean> =>
  /^redis_mode:sentinel/m.test(await client.info("server").catch(() => ""));

/** A Redis Cluster refuses a script whose keys are in several slots. */
async function doesMixShards(client: Redis, keys: RedisKeys): Promise<boolean> {
  const all = Array.from({ length: keys.shards }, (_, shard) => keys.generation(shard));
  try {
    await client.eval("#!lua flags=no-writes\nreturn 1", all.length, ...all);
    return true;
  } catch (error) {
    if (replyCode(error) === "CROSSSLOT") return false;
    throw storeError(error, "REDIS_URL: opening the lock store");
  }
}

/** If two servers used different numbers of shards, each would create locks that the other cannot find. */
async function checkLayout(client: Redis, keys: RedisKeys, space: string): Promise<void> {
  let before: string | null;
  try {
    before = await client.set(keys.layout, keys.shards, "NX", "GET");
  } catch (error) {
    throw storeError(error, "REDIS_URL: opening the lock store");
  }
  if (before === null || Number(before) === keys.shards) return;
  throw new Error(
    `the locks of ${space} are stored in ${before} shards and cannot be opened with ${keys.shards}: use ${before}, ` +
      `or delete ${keys.layout} while no server of ${space} runs`,
  );
}

async function warnOfEviction(client: Redis, log: StoreLog): Promise<void> {
  const memory = await client.info("memory").catch(() => ""); // Some hosted Redis services forbid this command.
  const policy = /^maxmemory_policy:(allkeys\S*)/m.exec(memory)?.[1];
  if (policy === undefined) return;
  log.warn({ policy }, "Redis may evict locks when it is full: set maxmemory-policy to noeviction");
}
