import { Redis } from "ioredis";
import { compareAndSet } from "../floor/stores.ts";
import { ActFailed } from "../generator/visit.ts";
import { pagesOf, type Reclaimed, type Reclaimer } from "./reclaimer.ts";

interface Bare {
  readonly version: number;
  readonly value: string;
}

interface Change extends Bare {
  readonly key: string;
}

/** A store that loads or changes many locks with one write. */
interface BareStore {
  load(keys: readonly string[]): Promise<readonly Bare[]>;
  /** Returns the number of locks that were changed. */
  change(changes: readonly Change[]): Promise<number>;
  close(): void;
}

const keysOf = (ids: readonly number[]): readonly string[] => ids.map((id) => `account:${id}`);

/** Does the same number of loads and compare-and-sets as a reclaim, with values of the same size. */
export class BareLocks implements Reclaimer {
  readonly #store: BareStore;
  readonly #count: number;
  #life = 1;

  private constructor(store: BareStore, count: number) {
    this.#store = store;
    this.#count = count;
  }

  static async plant(redisUrl: string | null, count: number): Promise<BareLocks> {
    const store = redisUrl === null ? inMemory() : await inRedis(redisUrl);
    for (const ids of pagesOf(count)) {
      const changes = ids.map((id) => {
        const login = { loginId1: id, loginId2: id, sex: "female", trace: "0123456789abcdef" };
        const owner = { server: "alpha", incarnation: "life-1" };
        const value = JSON.stringify({ state: "held", ...login, fence: 1, owner });
        return { key: `account:${id}`, version: 0, value };
      });
      await store.change(changes);
    }
    return new BareLocks(store, count);
  }

  async reclaim(reclaimed: Reclaimed): Promise<void> {
    this.#life += 1;
    const incarnation = `life-${this.#life}`;
    for (const ids of pagesOf(this.#count)) {
      const startedMs = performance.now();
      const keys = keysOf(ids);
      const loaded = await this.#store.load(keys);
      const changes = loaded.map(({ version, value }, nth) => {
        const owner = { server: "alpha", incarnation };
        return { key: keys[nth] ?? "", version, value: JSON.stringify({ ...JSON.parse(value), owner }) };
      });
      const changed = await this.#store.change(changes);
      if (changed !== keys.length) throw new ActFailed("reclaim: a lock had another version");
      reclaimed(keys.length, performance.now() - startedMs);
    }
  }

  close(): void {
    this.#store.close();
  }
}

function inMemory(): BareStore {
  const locks = new Map<string, Bare>();
  return {
    load: async (keys) => keys.map((key) => locks.get(key) ?? { version: 0, value: "{}" }),
    async change(changes) {
      let changed = 0;
      for (const { key, version, value } of changes) {
        if ((locks.get(key)?.version ?? 0) !== version) continue;
        locks.set(key, { version: version + 1, value });
        changed += 1;
      }
      return changed;
    },
    close: () => locks.clear(),
  };
}

async function inRedis(url: string): Promise<BareStore> {
  const redis = new Redis(url, { lazyConnect: true, keyPrefix: "bare:" });
  await redis.connect();
  const sha = (await redis.script("LOAD", compareAndSet)) as string;
  return {
    async load(keys) {
      const pipeline = redis.pipeline();
      for (const key of keys) pipeline.hmget(key, "version", "value");
      const answers = (await pipeline.exec()) ?? [];
      return answers.map(([, fields]) => {
        const [version, value] = fields as readonly [string, string];
        return { version: Number(version), value };
      });
    },
    async change(changes) {
      const pipeline = redis.pipeline();
      for (const { key, version, value } of changes) pipeline.evalsha(sha, 1, key, version, value);
      const answers = (await pipeline.exec()) ?? [];
      return answers.filter(([, answer]) => answer === -1).length;
    },
    close: () => redis.disconnect(),
  };
}
