import { onOwnConnection, underLock } from "./own-connection.ts";

/** The letters "sallypos" in ASCII, as one 64-bit number. Migrations use another key. */
const lockKey = "8314045600252325747";

/** Only one process runs such a function on a database at a time. The lock of a dead process is released. */
export const oneAtATime = <T>(url: string, run: () => Promise<T>): Promise<T> =>
  onOwnConnection(url, (client) => underLock(client, lockKey, run));
