import type pg from "pg";
import { unreachable } from "./database.ts";
import { createConnector } from "./postgres-connection.ts";

/**
 * Runs on one session from beginning to end, as advisory locks require. The connection is closed whatever the
 * result.
 */
export async function onOwnConnection<T>(url: string, run: (client: pg.Client) => Promise<T>): Promise<T> {
  // Waiting for a lock, and migrating, may take any time.
  const client = await createConnector(url, { statementMsMax: 0 })().catch((error: unknown) => {
    throw unreachable(url, error);
  });
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}

/**
 * Runs while it holds an advisory lock, for which it may have to wait. The lock is also released explicitly:
 * a pooler keeps the connection for other clients, and the embedded Postgres has one session for all.
 */
export async function underLock<T>(
  client: pg.Client,
  key: string,
  run: () => Promise<T>,
  onWait: () => void = () => {},
): Promise<T> {
  const { rows } = await client.query<{ locked: boolean }>("SELECT pg_try_advisory_lock($1) AS locked", [
    key,
  ]);
  if (rows[0]?.locked !== true) {
    onWait();
    await client.query("SELECT pg_advisory_lock($1)", [key]);
  }
  try {
    return await run();
  } finally {
    // If the connection broke, the lock is gone with it.
    await client.query("SELECT pg_advisory_unlock($1)", [key]).catch(() => undefined);
  }
}
