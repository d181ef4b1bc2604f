import pg from "pg";
import { unreachable } from "./database.ts";

/** For what has to be one session from beginning to end, as advisory locks do: it is closed whatever comes of `run`. */
export async function onOwnConnection<T>(url: string, run: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, keepAlive: true });
  client.on("error", () => {}); // the rejected query tells it
  try {
    await client.connect();
  } catch (error) {
    throw unreachable(url, error);
  }
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}
