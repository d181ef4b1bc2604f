import { onOwnConnection, underLock } from "./own-connection.ts";

/** "sallypos" in ASCII; differs from the key of migrations. */
const lockKey = "8314045600252325747";

/**
 * Among all processes on a database, only one runs such a function at a time. A process that dies ends its
 * turn.
 */
export const oneAtATime = <T>(url: string, run: () => Promise<T>): Promise<T> =>
  onOwnConnection(url, (client) => underLock(client, lockKey, run));
