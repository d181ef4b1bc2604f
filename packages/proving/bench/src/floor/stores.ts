import { Redis, type Result } from "ioredis";
import pg from "pg";

declare module "ioredis" {
  interface RedisCommander<Context> {
    compareAndSet(key: string, version: number, value: string): Result<number, Context>;
  }
}

/**
 * Returns -1 if the lock was changed. Otherwise returns the version of the stored lock. A lock that is not
 * stored has version 0. An empty value deletes the lock.
 */
export const compareAndSet = `
local version = redis.call("HGET", KEYS[1], "version") or "0"
if version ~= ARGV[1] then return tonumber(version) end
if ARGV[2] == "" then redis.call("DEL", KEYS[1])
else redis.call("HSET", KEYS[1], "version", ARGV[1] + 1, "value", ARGV[2]) end
return -1`;

const statements = {
  account: {
    name: "account",
    text: "SELECT id, name, sex, salt, stored_key, server_key, lock_fence FROM accounts WHERE name = $1",
  },
  characters: {
    name: "characters",
    text: "SELECT id, slot, name, map, x, y, attributes, lock_fence FROM characters WHERE account_id = $1 ORDER BY slot",
  },
  save: {
    name: "save",
    text: `UPDATE characters SET map = $3, x = $4, y = $5, attributes = $6, lock_fence = $2, save_number = save_number + 1
      WHERE id = $1 AND lock_fence <= $2`,
  },
} as const;

const connectionsMax = 10;

export interface FloorAccount {
  readonly id: string;
  readonly name: string;
}

export interface FloorCharacter {
  readonly id: string;
  readonly slot: number;
  readonly name: string;
  readonly map: string;
}

/** The servers of the floor use these stores. Each method makes one round trip to Redis or Postgres. */
export class Stores {
  readonly #redis: Redis;
  readonly #pool: pg.Pool;

  private constructor(redis: Redis, pool: pg.Pool) {
    this.#redis = redis;
    this.#pool = pool;
  }

  static async open(urls: { readonly redisUrl: string; readonly databaseUrl: string }): Promise<Stores> {
    const redis = new Redis(urls.redisUrl, { lazyConnect: true });
    redis.defineCommand("compareAndSet", { numberOfKeys: 1, lua: compareAndSet });
    await redis.connect();
    const pool = new pg.Pool({
      connectionString: urls.databaseUrl,
      max: connectionsMax,
      idleTimeoutMillis: 0,
    });
    return new Stores(redis, pool);
  }

  /**
   * Changes the lock and returns its new version. A `value` of null frees the lock. If a client disconnected
   * during a hop, `version` can be wrong. This method then makes a second round trip.
   */
  async changeLock(key: string, version: number, value: object | null): Promise<number> {
    const text = value === null ? "" : JSON.stringify(value);
    const actual = await this.#redis.compareAndSet(key, version, text);
    if (actual === -1) return version + 1;
    if ((await this.#redis.compareAndSet(key, actual, text)) === -1) return actual + 1;
    throw new Error(`${key} is not at version ${actual}`);
  }

  async readAccount(name: string): Promise<FloorAccount> {
    const { rows } = await this.#pool.query<FloorAccount>({ ...statements.account, values: [name] });
    return only(rows, name);
  }

  async readCharacters(accountId: number): Promise<FloorCharacter> {
    const { rows } = await this.#pool.query<FloorCharacter>({
      ...statements.characters,
      values: [accountId],
    });
    return only(rows, String(accountId));
  }

  /** Stores the place of a character. Rejects if the fence in the database is newer. */
  async save(charId: number, fence: number, place: { map: string; x: number; y: number }): Promise<void> {
    const { map, x, y } = place;
    const values = [charId, fence, map, x, y, "{}"];
    const { rowCount } = await this.#pool.query({ ...statements.save, values });
    if (rowCount !== 1) throw new Error(`${charId} has a newer fence than ${fence}`);
  }
}

function only<Row>(rows: readonly Row[], of: string): Row {
  const [row] = rows;
  if (row === undefined) throw new Error(`nothing is stored of ${of}`);
  return row;
}
