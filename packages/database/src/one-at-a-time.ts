import { onOwnConnection, underLock } from "./own-connection.ts";

/** "sallypos" in ASCII; not the key of migrations. */
const lockKey = "8314045600252325747";

/** Of all processes on a database that run something by this, one does at a time; one that dies ends its turn. */
export const oneAtATime = <T>(url: string, run: () => Promise<T>): Promise<T> =>
  onOwnConnection(url, (client) => underLock(client, lockKey, run));
