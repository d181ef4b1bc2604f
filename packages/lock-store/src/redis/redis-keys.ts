export interface RedisKeysOptions {
  /** Put before every key, so that several programs can share a Redis. */
  readonly prefix: string;
  /** Separates different locks in one Redis: `login`, `world:alpha`. */
  readonly space: string;
  readonly shards: number;
}

/**
 * The names of the keys. All keys that one script touches carry the same hash tag, `{space:shard}`, so they
 * lie in one slot of a Redis Cluster. The shards of a space spread over the nodes of the cluster.
 */
export class RedisKeys {
  readonly shards: number;
  /** Holds the number of shards. A server that is configured with another number is refused. */
  readonly layout: string;
  readonly #tags: readonly string[];

  constructor({ prefix, space, shards }: RedisKeysOptions) {
    for (const name of [prefix, space]) {
      // The first pair of braces in a key is its hash tag.
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

  /** Must never change: another hash would look for every lock in the wrong place. */
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

  /** The prefix of all locks of a shard. */
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
