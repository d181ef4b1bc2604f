import type pg from "pg";
import { unreachable } from "./database.ts";
import { createConnector } from "./postgres-connection.ts";

/**
 * Runs the function on one Postgres session, as advisory locks require. The connection is closed in any case.
 */
export async function onOwnConnection<T>(url: string, run: (client: pg.Client) => Promise<T>): Promise<T> {
  // Waiting for a lock and migrating may take any time, so there is no limit.
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
 * Waits for an advisory lock, holds it while the function runs, and then releases it. Closing the connection
 * would not always release the lock: a pooler keeps the session for other clients, and the embedded Postgres
 * has one session for all clients.
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
    // If the connection broke, Postgres has released the lock.
    await client.query("SELECT pg_advisory_unlock($1)", [key]).catch(() => undefined);
  }
}
