import pg from "pg";
import { query } from "./postgres-server.ts";

/** A transaction of somebody else. Statements about what it has locked or changed wait for its end. */
export class OpenTransaction {
  readonly #url: string;
  readonly #client: pg.Client;
  #isOver = false;

  private constructor(url: string) {
    this.#url = url;
    this.#client = new pg.Client(url);
  }

  static async begin(url: string, statement: string): Promise<OpenTransaction> {
    const transaction = new OpenTransaction(url);
    await transaction.#client.connect();
    await transaction.#client.query(`BEGIN; ${statement}`);
    return transaction;
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

  /** A second call does nothing. */
  async commit(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    await this.#client.query("COMMIT");
    await this.#client.end();
  }
}

/** `table` is a name in SQL, with its schema. With EXCLUSIVE, statements that only read do not wait. */
export const lockTable = (
  url: string,
  table: string,
  mode: "ACCESS EXCLUSIVE" | "EXCLUSIVE" = "ACCESS EXCLUSIVE",
): Promise<OpenTransaction> => OpenTransaction.begin(url, `LOCK TABLE ${table} IN ${mode} MODE`);
