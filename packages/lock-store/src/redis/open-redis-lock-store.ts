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
  /** Keeps the login tier and each world apart in one Redis: `login`, `world:alpha`. */
  readonly space: string;
  readonly prefix?: string;
  /** The same for every server of a space, and for as long as its locks live. */
  readonly shards?: number;
  readonly log?: StoreLog;
  /** For how long servers say what they hold where Redis lost it: until the last has come back, and reclaimed. */
  readonly graceMs?: number;
  /**
   * Notes, in what outlives Redis, that this space has had locks; true where that was known. Then an empty Redis has lost
   * them, and was not merely never used.
   */
  readonly noteUse?: () => Promise<boolean>;
  readonly commandTimeoutMs?: number;
  readonly openTimeoutMs?: number;
  /** For tests of what a second arrival of the same change does. */
  readonly writeId?: () => string;
}

/** Opens the locks of one space, or fails within `openTimeoutMs` with what an operator has to put right. */
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
  try {
    await loadScripts(client);
    await checkLayout(client, keys, space);
    await generations.open(!(await noteUse()));
    if (log !== undefined) await warnOfEviction(client, log);
  } catch (error) {
    client.disconnect();
    throw error;
  }
  const options = { client, keys, generations };
  return new RedisLockStore(writeId === undefined ? options : { ...options, writeId });
}

async function loadScripts(client: Redis): Promise<void> {
  for (const { lua } of Object.values(scripts)) {
    try {
      await client.script("LOAD", lua);
    } catch (error) {
      // Before 7.0 the first line of a script, which declares what it needs, is a syntax error.
      if (replyCode(error) !== "ERR") throw storeError(error, "REDIS_URL: loading the lock scripts");
      if (await isSentinel(client))
        throw new Error(
          "REDIS_URL leads to a Sentinel, which has no data: redis+sentinel://host:26379/name",
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

/** Two servers that disagree on the number of shards would each find locks that the other does not see. */
async function checkLayout(client: Redis, keys: RedisKeys, space: string): Promise<void> {
  let before: string | null;
  try {
    before = await client.set(keys.layout, keys.shards, "NX", "GET");
  } catch (error) {
    throw storeError(error, "REDIS_URL: opening the lock store");
  }
  if (before === null || Number(before) === keys.shards) return;
  throw new Error(
    `the locks of ${space} lie in ${before} shards and cannot be opened with ${keys.shards}: use ${before}, ` +
      `or delete ${keys.layout} while no server of ${space} runs`,
  );
}

async function warnOfEviction(client: Redis, log: StoreLog): Promise<void> {
  const memory = await client.info("memory").catch(() => ""); // some hosted Redis forbid it
  const policy = /^maxmemory_policy:(allkeys\S*)/m.exec(memory)?.[1];
  if (policy === undefined) return;
  log.warn({ policy }, "Redis may evict locks when it is full: set maxmemory-policy to noeviction");
}
