import { randomBytes } from "node:crypto";
import { Unavailable } from "@sallyport/domain";
import { replyCode } from "@sallyport/redis";
import type { Redis } from "ioredis";
import {
  type Change,
  type Changed,
  checkChange,
  checkKey,
  checkLimit,
  checkOwner,
  type Loaded,
  type LockStore,
  type Losses,
  type Page,
  type StoredLock,
} from "../lock-store.ts";
import { keyInOtherUse } from "../lock-value.ts";
import { storeError } from "./redis-errors.ts";
import type { RedisGenerations } from "./redis-generations.ts";
import type { RedisKeys } from "./redis-keys.ts";
import { runScript, type Script, scripts } from "./scripts.ts";

export interface RedisLockStoreOptions {
  readonly client: Redis;
  readonly keys: RedisKeys;
  /** The caller has already called `open` on this object. */
  readonly generations: RedisGenerations;
  /** Returns the id of the next change. Two changes must never get the same id. */
  readonly writeId?: () => string;
}

/**
 * Keeps locks in Redis. Each lock is a hash. Each shard has a sorted set of deadlines, a sorted set of
 * owners, and the highest version. One script changes all of these keys at once. `redis-keys.ts` has the
 * names of the keys, and `lua/compare-and-set.lua` describes their contents.
 *
 * Each shard has one owner index for all owners, ordered by the bytes of owner and key. So a script knows all
 * its keys before it runs, as Redis Cluster requires, and each page of `ownedBy` begins where the page before
 * ended.
 */
export class RedisLockStore implements LockStore {
  readonly #client: Redis;
  readonly #keys: RedisKeys;
  readonly #generations: RedisGenerations;
  readonly #writeId: () => string;
  #firstShard = 0;

  constructor({ client, keys, generations, writeId = writeIds() }: RedisLockStoreOptions) {
    this.#client = client;
    this.#keys = keys;
    this.#generations = generations;
    this.#writeId = writeId;
  }

  get losses(): Losses {
    return this.#generations;
  }

  async load(key: string): Promise<Loaded> {
    checkKey(key);
    const shard = this.#keys.shardOf(key);
    const generation = this.#generations.of(shard);
    const [nowMs, ...lock] = (await this.#run(shard, scripts.load, [this.#keys.lock(key)], []).catch(
      (error) => this.#orUnreadable(key, error),
    )) as LoadReply;
    return { nowMs, lock: storedLock(lock), generation };
  }

  async compareAndSet(change: Change): Promise<Changed> {
    checkChange(change);
    const { key, expectedVersion, value, deadlineMs, owner } = change;
    const shard = this.#keys.shardOf(key);
    const { generation = this.#generations.of(shard) } = change;
    const reply = (await this.#run(
      shard,
      scripts.compareAndSet,
      [
        this.#keys.lock(key),
        this.#keys.deadlines(shard),
        this.#keys.owners(shard),
        this.#keys.versions(shard),
      ],
      [
        expectedVersion,
        this.#writeId(),
        key,
        value === null ? "delete" : "set",
        value ?? "",
        deadlineMs ?? "",
        owner ?? "",
      ],
      generation,
    )) as ChangeReply;
    if (reply[0] === 1) {
      const [, version, made = 0] = reply;
      this.#generations.made(shard, generation, made);
      return { ok: true, version };
    }
    const [, nowMs, ...current] = reply;
    return { ok: false, nowMs, current: storedLock(current) };
  }

  /**
   * Asks all shards at the same time, each for an equal part of `limit`. Then it asks the shards that have
   * more due keys for the missing rest. So it reads about `limit` keys at most.
   */
  async due(limit: number): Promise<readonly string[]> {
    checkLimit(limit);
    const { shards } = this.#keys;
    // Each call begins at another shard. Otherwise, if `limit` is below the number of shards, the last shards
    // would never get a turn.
    const first = this.#firstShard;
    this.#firstShard = (first + 1) % shards;
    const part = Math.ceil(limit / shards);
    const asked = await Promise.all(
      Array.from({ length: shards }, async (_, nth) => {
        const shard = (first + nth) % shards;
        return { shard, ...(await this.#dueIn(shard, 0, part)) };
      }),
    );

    let missing = limit - asked.reduce((sum, { keys }) => sum + keys.length, 0);
    const rest = asked.map(async ({ shard, count, keys }) => {
      const more = Math.min(count - keys.length, Math.max(missing, 0));
      missing -= more;
      return more === 0 ? keys : [...keys, ...(await this.#dueIn(shard, keys.length, more)).keys];
    });
    // If a deadline is set between the two questions, a key of the first answer may be in the second too.
    return [...new Set((await Promise.all(rest)).flat())].slice(0, limit);
  }

  async ownedBy(owner: string, cursor: string | null, limit: number): Promise<Page> {
    checkOwner(owner);
    checkLimit(limit);
    const from = cursor === null ? { shard: 0, after: null } : readCursor(cursor);
    const keys: string[] = [];
    let after = from.after;
    for (let shard = from.shard; shard < this.#keys.shards; shard += 1) {
      const found = await this.#ownedIn(shard, owner, after, limit - keys.length);
      for (const key of found) keys.push(key);
      if (keys.length === limit) return { keys, next: `${shard}:${found.at(-1)}` };
      after = null;
    }
    return { keys, next: null };
  }

  async close(): Promise<void> {
    // QUIT waits for pending answers. Without a connection there are none.
    if (this.#client.status === "ready") await this.#client.quit().catch(() => undefined);
    this.#client.disconnect();
  }

  async #dueIn(shard: number, offset: number, count: number): Promise<{ count: number; keys: string[] }> {
    const reply = await this.#run(shard, scripts.due, [this.#keys.deadlines(shard)], [offset, count]);
    const [total, keys] = reply as [number, string[]];
    return { count: total, keys };
  }

  async #ownedIn(shard: number, owner: string, after: string | null, limit: number): Promise<string[]> {
    const from = after === null ? `[${owner}\0` : `(${owner}\0${after}`;
    const args = [from, `(${owner}\x01`, limit];
    const members = (await this.#run(shard, scripts.ownedBy, [this.#keys.owners(shard)], args)) as string[];
    return members.map((member) => member.slice(owner.length + 1));
  }

  /** Finds out whether another program overwrote this lock or a key of the whole shard. */
  async #orUnreadable(key: string, error: Error): Promise<never> {
    if (replyCode(error.cause) !== "WRONGTYPE") throw error;
    const type = await this.#client.type(this.#keys.lock(key)).catch(() => "hash");
    throw ["hash", "none"].includes(type) ? error : keyInOtherUse(key, { cause: error });
  }

  /**
   * The last arguments of each script are the generation and the writer's newest version. If they show that
   * the shard lost locks, the script does nothing.
   */
  async #run(
    shard: number,
    script: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
    generation = this.#generations.of(shard),
  ): Promise<unknown> {
    const compared = [this.#keys.generation(shard), this.#keys.writers(shard)];
    const known = [generation, ...this.#generations.madeIn(shard)];
    try {
      return await runScript(this.#client, script, [...keys, ...compared], [...args, ...known]);
    } catch (error) {
      const code = replyCode(error);
      if (code !== "GENERATION" && code !== "OLDER") throw storeError(error, keys[0] ?? "");
      await this.#generations.renew(code === "OLDER");
      throw new Unavailable(`${keys[0]}: Redis lost what it kept`, { store: "Redis", cause: error });
    }
  }
}

type LockReply = [] | [version: number, value: string];
type LoadReply = [nowMs: number, ...lock: LockReply];
type ChangeReply = [ok: 1, version: number, made?: number] | [ok: 0, nowMs: number, ...current: LockReply];

function storedLock(reply: LockReply): StoredLock | null {
  return reply.length === 0 ? null : { version: reply[0], value: reply[1] };
}

/** A cursor names the shard and the last key of the page before. */
function readCursor(cursor: string): { shard: number; after: string } {
  const colon = cursor.indexOf(":");
  const shard = Number(cursor.slice(0, colon));
  if (colon < 1 || !Number.isSafeInteger(shard)) throw new RangeError(`${cursor} is not a cursor`);
  return { shard, after: cursor.slice(colon + 1) };
}

/** An id has a random part for this store, and the number of the write. */
function writeIds(): () => string {
  const store = randomBytes(12).toString("base64url");
  let writes = 0;
  return () => `${store}.${((writes += 1)).toString(36)}`;
}
