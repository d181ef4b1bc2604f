import { onOwnConnection, underLock } from "./own-connection.ts";

/** The letters "sallypos" in ASCII, as one 64-bit number. Migrations use a different key. */
const lockKey = "8314045600252325747";

/**
 * Runs the function while no other process runs such a function on this database. A second process waits. If
 * a process dies, Postgres releases its lock.
 */
export const oneAtATime = <T>(url: string, run: () => Promise<T>): Promise<T> =>
  onOwnConnection(url, (client) => underLock(client, lockKey, run));
