export interface RedisKeysOptions {
  /** The beginning of every key, so that several programs can share one Redis. */
  readonly prefix: string;
  /** Separates the login tier and the worlds in one Redis: `login`, `world:alpha`. */
  readonly space: string;
  readonly shards: number;
}

/**
 * The names of the keys in Redis. All keys of one script have the same hash tag, `{space:shard}`, so they are
 * in one slot of a Redis Cluster. The shards of a space are spread over the nodes of the cluster.
 */
export class RedisKeys {
  readonly shards: number;
  /** The key that holds the number of shards. A server that is configured with another number is refused. */
  readonly layout: string;
  readonly #tags: readonly string[];

  constructor({ prefix, space, shards }: RedisKeysOptions) {
    for (const name of [prefix, space]) {
      // The first pair of braces in a key encloses its hash tag.
      if (/[{}]/.test(name))
        throw new RangeError(`${name}: braces cannot be part of a Redis key prefix or space`);
    }
    if (space === "") throw new RangeError("a lock store needs a space");
    if (!Number.isSafeInteger(shards) || shards < 1 || shards > 1024) {
      throw new RangeError(`${shards} is not a number of shards: 1 to 1024`);
    }
    this.shards = shards;
    this.layout = `${prefix}{${space}}:shards`;
    this.#tags = Array.from({ length: shards }, (_, shard) => `${prefix}{${space}:${shard}}`);
  }

  /** This function must never change: with another hash, servers would look for locks in the wrong shard. */
  shardOf(key: string): number {
    let hash = 0x811c9dc5; // FNV-1a over the UTF-16 units
    for (let at = 0; at < key.length; at += 1) {
      hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
    }
    return (hash >>> 0) % this.shards;
  }

  lock(key: string): string {
    return `${this.beforeLocks(this.shardOf(key))}${key}`;
  }

  beforeLocks(shard: number): string {
    return `${this.#tag(shard)}:lock:`;
  }

  deadlines(shard: number): string {
    return `${this.#tag(shard)}:deadlines`;
  }

  owners(shard: number): string {
    return `${this.#tag(shard)}:owners`;
  }

  versions(shard: number): string {
    return `${this.#tag(shard)}:version`;
  }

  writers(shard: number): string {
    return `${this.#tag(shard)}:writers`;
  }

  generation(shard: number): string {
    return `${this.#tag(shard)}:generation`;
  }

  #tag(shard: number): string {
    const tag = this.#tags[shard];
    if (tag === undefined) throw new RangeError(`no shard ${shard} of ${this.shards}`);
    return tag;
  }
}
