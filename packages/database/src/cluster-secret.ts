import { randomBytes } from "node:crypto";
import type { Database, Statement } from "./database.ts";

const offer: Statement = {
  name: "cluster-secret-offer",
  text: "INSERT INTO cluster_secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
};
const read: Statement = {
  name: "cluster-secret-read",
  text: "SELECT value FROM cluster_secrets WHERE name = $1",
};

const secretBytes = 32;

/** Returns 32 random bytes, which are the same for all servers on this database and after every restart. */
export async function clusterSecret(database: Database, name: string): Promise<Uint8Array> {
  await database.query(offer, [name, randomBytes(secretBytes)]);
  const [row] = await database.query<{ value: Buffer | null }>(read, [name]);
  if (row === undefined) throw new Error(`cluster secret ${name} was removed while it was read`);
  if (row.value?.length !== secretBytes) {
    throw new Error(`cluster secret ${name} in Postgres is not ${secretBytes} bytes long: delete its row`);
  }
  return row.value;
}
