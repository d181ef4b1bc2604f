import { onOwnConnection, underLock } from "./own-connection.ts";

/** The letters "sallypos" in ASCII, as one 64-bit number. Migrations use another key. */
const lockKey = "8314045600252325747";

/**
 * Two processes never run such functions on one database at the same time: the second process waits. If a
 * process dies, Postgres releases its lock.
 */
export const oneAtATime = <T>(url: string, run: () => Promise<T>): Promise<T> =>
  onOwnConnection(url, (client) => underLock(client, lockKey, run));
