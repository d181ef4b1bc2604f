import { randomBytes } from "node:crypto";
import { Unavailable } from "@sallyport/domain";
import type { NewDeadline } from "@sallyport/lock-core";
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
import { type Entry, RedisEntries } from "./redis-entries.ts";
import { storeError } from "./redis-errors.ts";
import type { RedisGenerations } from "./redis-generations.ts";
import type { RedisKeys } from "./redis-keys.ts";
import { runScript, type Script, scripts } from "./scripts.ts";

export interface RedisLockStoreOptions {
  readonly client: Redis;
  readonly keys: RedisKeys;
  /** The caller has already called `open` on this object. */
  readonly generations: RedisGenerations;
  readonly mayMixShards: boolean;
  /** Returns the id of the next change. Two changes must never get the same id. */
  readonly writeId?: () => string;
}

/**
 * Keeps locks in Redis. Each lock is a hash. Each shard has a sorted set of deadlines, a sorted set of
 * owners, and the highest version. One script changes all of these keys at once. `redis-keys.ts` has the
 * names of the keys, and `lua/compare-and-set.lua` describes their contents.
 *
 * Each shard has one owner index for all owners, ordered by the bytes of owner and key. So a script knows all
 * its keys before it runs, as Redis Cluster requires, and each page of `ownedBy` begins where the last page
 * ended.
 */
export class RedisLockStore implements LockStore {
  readonly #client: Redis;
  readonly #keys: RedisKeys;
  readonly #generations: RedisGenerations;
  readonly #entries: RedisEntries;
  readonly #writeId: () => string;
  #firstShard = 0;

  constructor({ client, keys, generations, mayMixShards, writeId = writeIds() }: RedisLockStoreOptions) {
    this.#entries = new RedisEntries({ client, keys, generations, mayMixShards });
    this.#client = client;
    this.#keys = keys;
    this.#generations = generations;
    this.#writeId = writeId;
  }

  get losses(): Losses {
    return this.#generations;
  }

  generationOf(key: string): string {
    return this.#generations.of(this.#keys.shardOf(key));
  }

  async load(key: string): Promise<Loaded> {
    checkKey(key);
    const generation = this.generationOf(key);
    const reply = await this.#entry(key, "load", generation, ["", "", "", "", "", ""]);
    const [, nowMs, ...lock] = reply as MismatchReply;
    return { nowMs, lock: storedLock(lock), generation };
  }

  async compareAndSet(change: Change): Promise<Changed> {
    checkChange(change);
    const { key, expectedVersion, value, deadline, when = "", owner } = change;
    const shard = this.#keys.shardOf(key);
    const { generation = this.generationOf(key) } = change;
    const args =
      value === null
        ? [expectedVersion, when, this.#writeId(), "", "", ""]
        : [expectedVersion, when, this.#writeId(), value, deadlineArgument(deadline), owner ?? ""];
    const reply = await this.#entry(key, value === null ? "delete" : "set", generation, args);
    if (reply[0] === 1) {
      const [, version, made = 0] = reply;
      this.#generations.made(shard, generation, made);
      return { ok: true, version };
    }
    const [code, nowMs, ...current] = reply;
    return { ok: false, why: code === 0 ? "version" : "time", nowMs, current: storedLock(current) };
  }

  /**
   * Asks all shards at the same time, each for an equal part of `limit`. Then asks the shards that have more
   * due keys again, for the rest. So it reads about `limit` keys at most.
   */
  async due(limit: number): Promise<readonly string[]> {
    checkLimit(limit);
    const { shards } = this.#keys;
    // Each call begins at a different shard. Otherwise, if `limit` is below the number of shards, the last
    // shards would never get a turn.
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
    // A deadline can be set between the two rounds of requests. Then a key can be in the answers of both
    // rounds.
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
    this.#entries.flush();
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

  async #entry(
    key: string,
    act: Entry["act"],
    generation: string,
    args: Entry["args"],
  ): Promise<ChangedReply | MismatchReply> {
    const shard = this.#keys.shardOf(key);
    const asked = this.#entries.reply({ shard, act, args: [generation, act, key, ...args] });
    const reply = await asked.catch((error: unknown) => {
      if (replyCode(error) === "UNREADABLE") throw keyInOtherUse(key, { cause: error });
      return this.#failed(error, this.#keys.lock(key));
    });
    return reply as ChangedReply | MismatchReply;
  }

  /** The last arguments of these scripts are the generation and the newest version of this writer. */
  async #run(
    shard: number,
    script: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    const generations = this.#generations;
    const call = {
      script,
      keys: [...keys, this.#keys.generation(shard), this.#keys.writers(shard)],
      args: [...args, generations.of(shard), generations.writer, generations.madeIn(shard)],
    };
    return runScript(this.#client, call).catch((error: unknown) => this.#failed(error, keys[0] ?? ""));
  }

  /** If a script found that the shard lost locks, it did nothing. */
  async #failed(error: unknown, name: string): Promise<never> {
    const code = replyCode(error);
    if (code === "GENERATION" || code === "OLDER") {
      await this.#generations.renew(code === "OLDER");
      throw new Unavailable(`${name}: Redis lost what it kept`, { store: "Redis", cause: error });
    }
    throw storeError(error, name);
  }
}

type LockReply = [] | [version: number, value: string, deadline: string];
type ChangedReply = [ok: 1, version: number, made?: number];
type MismatchReply = [code: 0 | 2, nowMs: number, ...current: LockReply];

function storedLock(reply: LockReply): StoredLock | null {
  if (reply.length === 0) return null;
  const [version, value, deadline] = reply;
  return { version, value, deadlineMs: deadline === "" ? null : Number(deadline) };
}

/** Returns the deadline in the form that `compare-and-set.lua` reads. */
function deadlineArgument(deadline: NewDeadline): string {
  if (deadline === "none") return "";
  if (deadline === "keep") return "keep";
  return "inMs" in deadline ? `+${deadline.inMs}` : String(deadline.atMs);
}

/** A cursor names the shard and the last key of the previous page. */
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
