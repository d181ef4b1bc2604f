import pg from "pg";
import { query } from "./postgres-server.ts";

/** Holds a table, so that statements about it wait. */
export class TableLock {
  readonly #url: string;
  readonly #client: pg.Client;

  private constructor(url: string) {
    this.#url = url;
    this.#client = new pg.Client(url);
  }

  /** `table` is a name in SQL, with its schema. With EXCLUSIVE, statements that only read do not wait. */
  static async take(
    url: string,
    table: string,
    mode: "ACCESS EXCLUSIVE" | "EXCLUSIVE" = "ACCESS EXCLUSIVE",
  ): Promise<TableLock> {
    const lock = new TableLock(url);
    await lock.#client.connect();
    await lock.#client.query(`BEGIN; LOCK TABLE ${table} IN ${mode} MODE`);
    return lock;
  }

  /** Returns how many connections to this database wait for a lock. */
  async waiting(): Promise<number> {
    const { rows } = await query(
      this.#url,
      `SELECT count(*)::int AS waiting FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return rows[0].waiting;
  }

  /** Releases the table. A second call does nothing. */
  release(): Promise<void> {
    return this.#client.end();
  }
}
