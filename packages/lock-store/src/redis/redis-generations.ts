import { randomBytes } from "node:crypto";
import type { Redis } from "ioredis";
import type { Losses } from "../lock-store.ts";
import type { StoreLog } from "./redis-connection.ts";
import { storeError } from "./redis-errors.ts";
import type { RedisKeys } from "./redis-keys.ts";
import { runScript, scripts } from "./scripts.ts";

export interface RedisGenerationsOptions {
  readonly client: Redis;
  readonly keys: RedisKeys;
  readonly graceMs: number;
  readonly log?: StoreLog | undefined;
}

/** No replica is behind by this much. Redis can forget a writer that has made no change for this long. */
const madeMsMax = 24 * 60 * 60 * 1_000;

interface Shard {
  generation: string;
  /** The newest version that this store made in the generation. `atMs` is on a monotonic clock. */
  made: { readonly version: number; readonly atMs: number };
  /**
   * These generations were replaced. If Redis has one of them again, Redis was set back to an earlier state.
   */
  readonly past: Set<string>;
}

const nothing = { version: 0, atMs: Number.NEGATIVE_INFINITY };

/**
 * Knows the generation of each shard, and the newest version that this store made in it. The scripts compare
 * both with Redis. So a store does not mistake a shard that came back empty for one in which all locks are
 * free, and it notices a shard that came back without its newest changes.
 *
 * The first store that notices a loss begins the next generation, which is empty, and sets the time until
 * which locks may be restored. The other stores read both from Redis.
 */
export class RedisGenerations implements Losses {
  readonly #options: RedisGenerationsOptions;
  readonly #shards: readonly Shard[];
  /** The id under which the scripts record the versions that this store makes. */
  readonly writer = randomBytes(9).toString("base64url");
  #count = 0;
  /** The grace time ends at this time, on the monotonic clock of this process. */
  #graceUntilMs = Number.NEGATIVE_INFINITY;
  #renewing: Promise<void> | null = null;

  constructor(options: RedisGenerationsOptions) {
    this.#options = options;
    this.#shards = Array.from({ length: options.keys.shards }, () => ({
      generation: "",
      made: nothing,
      past: new Set<string>(),
    }));
  }

  get count(): number {
    return this.#count;
  }

  graceLeftMs(): number {
    return Math.max(0, Math.ceil(this.#graceUntilMs - performance.now()));
  }

  of(shard: number): string {
    return this.#shard(shard).generation;
  }

  /** The scripts compare this version with their record of this writer. */
  madeIn(shard: number): number {
    const { version, atMs } = this.#shard(shard).made;
    return performance.now() - atMs > madeMsMax ? 0 : version;
  }

  /**
   * Answers can arrive in a different order from their changes. An answer can even arrive after its change
   * was lost.
   */
  made(shard: number, generation: string, version: number): void {
    const known = this.#shard(shard);
    if (known.generation !== generation || version <= known.made.version) return;
    known.made = { version, atMs: performance.now() };
  }

  /** `isFirst`: this space never had locks, so servers have none to restore. */
  async open(isFirst: boolean): Promise<void> {
    await this.#begin(isFirst ? 0 : this.#options.graceMs, false);
    if (this.graceLeftMs() > 0) this.#warn();
  }

  /**
   * The store calls this in two cases. 1: a script found a different generation from the known one. 2: a
   * script found the known generation, but not a version that this store made. Then `isOlder` is true.
   */
  renew(isOlder: boolean): Promise<void> {
    this.#renewing ??= this.#renew(isOlder).finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #renew(isOlder: boolean): Promise<void> {
    const all = (): string => this.#shards.map(({ generation }) => generation).join();
    const before = all();
    try {
      await this.#begin(this.#options.graceMs, isOlder);
    } finally {
      if (all() !== before) {
        this.#count += 1;
        this.#warn();
      }
    }
  }

  /** Asks all shards, because if one lost changes, the others may have lost some too. */
  async #begin(graceMs: number, isReplaced: boolean): Promise<void> {
    const { client, keys } = this.#options;
    const id = randomBytes(12).toString("base64url");
    const ask = async (shard: number, replaced: string) => {
      const names = [keys.generation(shard), keys.deadlines(shard), keys.owners(shard), keys.writers(shard)];
      const args = [id, graceMs, replaced, keys.beforeLocks(shard)];
      return (await runScript(client, { script: scripts.beginGeneration, keys: names, args })) as [
        string,
        nowMs: number,
      ];
    };
    const begin = async (known: Shard, shard: number): Promise<void> => {
      let [generation, nowMs] = await ask(shard, isReplaced ? known.generation : "");
      if (known.past.has(generation)) [generation, nowMs] = await ask(shard, generation);
      if (known.generation === generation) return;
      known.past.add(known.generation);
      known.generation = generation;
      known.made = nothing;
      const leftMs = Number(generation.slice(generation.indexOf(":") + 1)) - nowMs;
      if (leftMs > 0) this.#graceUntilMs = Math.max(this.#graceUntilMs, performance.now() + leftMs);
    };
    try {
      await client.set(keys.layout, keys.shards, "NX");
      await Promise.all(this.#shards.map(begin));
    } catch (error) {
      throw storeError(error, "REDIS_URL: beginning a generation of locks");
    }
  }

  #shard(shard: number): Shard {
    const known = this.#shards[shard];
    if (known === undefined) throw new RangeError(`no shard ${shard} of ${this.#shards.length}`);
    return known;
  }

  #warn(): void {
    const fields = { graceMs: this.graceLeftMs() };
    this.#options.log?.warn(
      fields,
      "Redis lost its locks; logins are refused until servers have restored theirs",
    );
  }
}
