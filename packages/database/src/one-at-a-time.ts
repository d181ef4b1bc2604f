import pg from "pg";
import { unreachable } from "./database.ts";

/** "sallypos" in ASCII; not the key of migrations. */
const lockKey = "8314045600252325747";

/** Of all processes on a database that run something by this, one does at a time; one that dies ends its turn. */
export async function oneAtATime<T>(url: string, run: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, keepAlive: true });
  client.on("error", () => {}); // the rejected query tells it
  try {
    await client.connect();
  } catch (error) {
    throw unreachable(url, error);
  }
  try {
    await client.query("SELECT pg_advisory_lock($1)", [lockKey]);
    return await run();
  } finally {
    // Ends the turn too. In the embedded Postgres it does not; but that has one session, and whoever has the lock gets it again.
    await client.end();
  }
}
