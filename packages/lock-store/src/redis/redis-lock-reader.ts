import { type RedisPlace, replyCode } from "@sallyport/redis";
import type { Redis } from "ioredis";
import type { LockPage, LockReader, LockReaders } from "../lock-reader.ts";
import { checkKey, checkLimit, type Loaded } from "../lock-store.ts";
import { keyInOtherUse, UnreadableLock } from "../lock-value.ts";
import { connectRedis, type StoreLog } from "./redis-connection.ts";
import { storeError } from "./redis-errors.ts";
import { RedisKeys } from "./redis-keys.ts";

export interface OpenRedisLockReadersOptions extends RedisPlace {
  readonly prefix?: string;
  readonly log?: StoreLog;
  readonly commandTimeoutMs?: number;
  readonly openTimeoutMs?: number;
}

export async function openRedisLockReaders({
  url,
  ca,
  prefix = "sallyport:",
  log,
  commandTimeoutMs = 2_000,
  openTimeoutMs = 5_000,
}: OpenRedisLockReadersOptions): Promise<LockReaders> {
  const client = await connectRedis({
    url,
    ca,
    name: "sallyport:reader",
    commandTimeoutMs,
    openTimeoutMs,
    log,
  });
  const readers = new Map<string, LockReader>();
  return {
    of(space) {
      const reader = readers.get(space) ?? new RedisLockReader(client, prefix, space);
      readers.set(space, reader);
      return reader;
    },
    close: async () => client.disconnect(),
  };
}

/** Reading continues at this place: a shard, one of its two indexes, and a position in that index. */
interface Place {
  readonly shard: number;
  readonly index: "deadlines" | "owners";
  readonly scan: string;
}

/** The maximum number of index reads for one page. */
const looksMax = 64;

/** Escapes a text for a Redis pattern. */
const literally = (text: string): string => text.replaceAll(/[\\*?[\]^-]/g, "\\$&");

const start: Place = { shard: 0, index: "deadlines", scan: "0" };

/**
 * Uses plain commands instead of the scripts of the store. After Redis lost locks, the scripts refuse to
 * answer, and opening a store would begin the grace time in which servers restore their locks.
 */
class RedisLockReader implements LockReader {
  readonly #client: Redis;
  readonly #prefix: string;
  readonly #space: string;
  #keys: RedisKeys | null = null;

  constructor(client: Redis, prefix: string, space: string) {
    this.#client = client;
    this.#prefix = prefix;
    this.#space = space;
  }

  async load(key: string): Promise<Loaded> {
    checkKey(key);
    return this.#orUnavailable(async () => {
      const [nowMs, keys] = await Promise.all([this.#nowMs(), this.#layout()]);
      const fields = keys === null ? [] : await this.#fields(keys.lock(key), "version", "value", "deadline");
      if (fields === null) throw keyInOtherUse(key);
      const [version, value, deadline] = fields;
      const isThere = typeof version === "string" && typeof value === "string";
      const lock = isThere && { version: Number(version), value, deadlineMs: deadlineIn(deadline) };
      return { nowMs, lock: lock || null };
    });
  }

  async list(cursor: string | null, limit: number, keyPrefix = ""): Promise<LockPage> {
    checkLimit(limit);
    return this.#orUnavailable(async () => {
      const [nowMs, keys] = await Promise.all([this.#nowMs(), this.#layout()]);
      if (keys === null) return { nowMs, locks: [], next: null };
      let place: Place | null = cursor === null ? start : readCursor(cursor);
      const locks: LockPage["locks"][number][] = [];
      // In a small cluster, most shards are nearly empty, so one page reads several shards.
      for (let looks = 0; place !== null && locks.length < limit && looks < looksMax; looks += 1) {
        const { shard, index, scan }: Place = place;
        const [nextScan, found] = await this.#client.zscan(
          keys[index](shard),
          scan,
          "MATCH",
          `${index === "owners" ? "*\0" : ""}${literally(keyPrefix)}*`,
          "COUNT",
          limit,
        );
        const members = found.filter((_, at) => at % 2 === 0);
        locks.push(...(await this.#read(keys, { shard, index }, members)));
        place = nextPlace({ shard, index, scan: nextScan }, keys.shards);
      }
      return { nowMs, locks, next: place && JSON.stringify([place.shard, place.index, place.scan]) };
    });
  }

  async #read(
    keys: RedisKeys,
    { shard, index }: Pick<Place, "shard" | "index">,
    members: readonly string[],
  ): Promise<LockPage["locks"]> {
    const named =
      index === "deadlines" ? members : members.map((member) => member.slice(member.indexOf("\0") + 1));
    const read = named.map(async (key) => {
      const fields = await this.#fields(keys.lock(key), "value", "deadline");
      // If a lock has a deadline, the index of deadlines lists it too, so the lock is skipped here.
      if (fields === null) {
        const isElsewhere =
          index === "owners" && (await this.#client.zscore(keys.deadlines(shard), key)) !== null;
        return isElsewhere ? [] : [{ key, value: null, deadlineMs: null }];
      }
      const [value, deadline] = fields;
      const deadlineMs = deadlineIn(deadline);
      const isElsewhere = index === "owners" && deadlineMs !== null;
      return typeof value !== "string" || isElsewhere ? [] : [{ key, value, deadlineMs }];
    });
    return (await Promise.all(read)).flat();
  }

  /** Null: another program overwrote the key. */
  async #fields(key: string, ...names: readonly string[]): Promise<readonly (string | null)[] | null> {
    try {
      return await this.#client.hmget(key, ...names);
    } catch (error) {
      if (replyCode(error) === "WRONGTYPE") return null;
      throw error;
    }
  }

  /** Null: no server has ever opened a store of this space, so it has no locks. */
  async #layout(): Promise<RedisKeys | null> {
    if (this.#keys !== null) return this.#keys;
    const of = { prefix: this.#prefix, space: this.#space };
    const shards = await this.#client.get(new RedisKeys({ ...of, shards: 1 }).layout);
    if (shards !== null) this.#keys = new RedisKeys({ ...of, shards: Number(shards) });
    return this.#keys;
  }

  async #nowMs(): Promise<number> {
    const [seconds, microseconds] = await this.#client.time();
    return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
  }

  async #orUnavailable<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof UnreadableLock) throw error;
      throw error instanceof RangeError ? error : storeError(error, `reading locks of ${this.#space}`);
    }
  }
}

const deadlineIn = (field: string | null | undefined): number | null => (field ? Number(field) : null);

function nextPlace({ shard, index, scan }: Place, shards: number): Place | null {
  if (scan !== "0") return { shard, index, scan };
  if (index === "deadlines") return { shard, index: "owners", scan: "0" };
  return shard + 1 < shards ? { shard: shard + 1, index: "deadlines", scan: "0" } : null;
}

function readCursor(cursor: string): Place {
  const match = /^\[(\d{1,4}),"(deadlines|owners)","(\d{1,20})"\]$/.exec(cursor);
  if (match === null) throw new RangeError(`${cursor} is not a cursor`);
  const [, shard, index, scan = "0"] = match;
  return { shard: Number(shard), index: index === "owners" ? "owners" : "deadlines", scan };
}
