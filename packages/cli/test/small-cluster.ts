import type { CharId, Position } from "@sallyport/domain";
import { query, type RunningRedis, startRedis, type TestDatabase, testDatabase } from "@sallyport/testkit";
import { type Settings, StartedServers } from "./started-servers.ts";

export { portAfter } from "./started-servers.ts";

/** Runs server processes with a Redis and a Postgres that no other test uses. */
export class SmallCluster extends StartedServers {
  readonly redis: RunningRedis;
  readonly database: TestDatabase;

  private constructor(redis: RunningRedis, database: TestDatabase, settings: Settings) {
    super(() => ({
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      ADMIN_PORT: "0",
      ...settings,
    }));
    this.redis = redis;
    this.database = database;
  }

  static async open(settings: Settings = {}): Promise<SmallCluster> {
    const [redis, database] = await Promise.all([startRedis(), testDatabase()]);
    return new SmallCluster(redis, database, settings);
  }

  /** Where Postgres has this character, whatever the servers know. */
  async savedPosition(charId: CharId): Promise<Position> {
    const { rows } = await query(this.database.url, `SELECT map, x, y FROM characters WHERE id = ${charId}`);
    return rows[0];
  }

  async close(): Promise<void> {
    this.redis.resume();
    await this.kill();
    await Promise.all([this.redis.stop(), this.database.drop()]);
  }
}
