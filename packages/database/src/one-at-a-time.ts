import { onOwnConnection } from "./own-connection.ts";

/** "sallypos" in ASCII; not the key of migrations. */
const lockKey = "8314045600252325747";

/** Of all processes on a database that run something by this, one does at a time; one that dies ends its turn. */
export async function oneAtATime<T>(url: string, run: () => Promise<T>): Promise<T> {
  return onOwnConnection(url, async (client) => {
    // Ends with the connection. In the embedded Postgres it does not; but that has one session, and whoever has the lock gets it again.
    await client.query("SELECT pg_advisory_lock($1)", [lockKey]);
    return run();
  });
}
