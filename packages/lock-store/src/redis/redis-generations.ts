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
  /** For how long lost locks are put back. */
  readonly graceMs: number;
  readonly log?: StoreLog | undefined;
}

/**
 * By which generation of each shard this store goes. The scripts compare it, so a shard that came back empty, where the
 * key is gone with the locks, is not taken for one in which everything is free. Whoever notices first begins the
 * next generation, with the time until which locks are put back; the others take it over from Redis.
 */
export class RedisGenerations implements Losses {
  readonly #options: RedisGenerationsOptions;
  readonly #known: string[] = [];
  #count = 0;
  /** On the monotonic clock of this process. */
  #graceUntilMs = Number.NEGATIVE_INFINITY;
  #renewing: Promise<void> | null = null;

  constructor(options: RedisGenerationsOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#count;
  }

  graceLeftMs(): number {
    return Math.max(0, Math.ceil(this.#graceUntilMs - performance.now()));
  }

  of(shard: number): string {
    return this.#known[shard] ?? "";
  }

  /** `isFirst`: there never were any locks, so nobody has any to put back. */
  async open(isFirst: boolean): Promise<void> {
    await this.#begin(isFirst ? 0 : this.#options.graceMs);
    if (this.graceLeftMs() > 0) this.#warn();
  }

  /** After a script found another generation than the known one. */
  renew(): Promise<void> {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #renew(): Promise<void> {
    const before = this.#known.join();
    try {
      await this.#begin(this.#options.graceMs);
    } finally {
      if (this.#known.join() !== before) {
        this.#count += 1;
        this.#warn();
      }
    }
  }

  async #begin(graceMs: number): Promise<void> {
    const { client, keys } = this.#options;
    const id = randomBytes(12).toString("base64url");
    const begin = async (shard: number): Promise<void> => {
      const reply = await runScript(client, scripts.beginGeneration, [keys.generation(shard)], [id, graceMs]);
      const [generation, nowMs] = reply as [generation: string, nowMs: number];
      if (this.#known[shard] === generation) return;
      this.#known[shard] = generation;
      const leftMs = Number(generation.slice(generation.indexOf(":") + 1)) - nowMs;
      if (leftMs > 0) this.#graceUntilMs = Math.max(this.#graceUntilMs, performance.now() + leftMs);
    };
    try {
      await client.set(keys.layout, keys.shards, "NX");
      await Promise.all(Array.from({ length: keys.shards }, (_, shard) => begin(shard)));
    } catch (error) {
      throw storeError(error, "beginning a generation of locks");
    }
  }

  #warn(): void {
    const fields = { graceMs: this.graceLeftMs() };
    this.#options.log?.warn(
      fields,
      "Redis lost its locks: nobody is let in until servers have put theirs back",
    );
  }
}
