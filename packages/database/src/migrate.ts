import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { runner } from "node-pg-migrate";
import type pg from "pg";
import { onOwnConnection, underLock } from "./own-connection.ts";

/** This path works from both src/ and dist/. */
const folder = fileURLToPath(new URL("../migrations", import.meta.url));
const migrationsTable = "schema_migrations";
/** The letters "sallypor" in ASCII, as one 64-bit number. */
const lockKey = "8314045600252325746";

/**
 * Applies missing migrations. If several servers start together, one migrates and the others wait for it.
 * node-pg-migrate's own lock is off, because with that lock the other servers would fail instead of waiting.
 */
export async function migrate(url: string, log: (message: string) => void = () => {}): Promise<void> {
  const waits = (): void => log("waiting for another server to migrate the database");
  await onOwnConnection(url, (client) => underLock(client, lockKey, () => migrateOn(client, log), waits));
}

async function migrateOn(client: pg.Client, log: (message: string) => void): Promise<void> {
  await refuseNewer(client);
  const applied = await runner({
    dbClient: client,
    dir: folder,
    direction: "up",
    migrationsTable,
    noLock: true,
    logger: { info: () => {}, warn: log, error: log },
  });
  for (const { name } of applied) log(`database migrated: ${name}`);
}

async function refuseNewer(client: pg.Client): Promise<void> {
  const { rows } = await client.query("SELECT to_regclass($1) IS NOT NULL AS present", [migrationsTable]);
  if (!rows[0].present) return;
  const known = (await readdir(folder)).map((file) => file.replace(/\.sql$/, ""));
  const run = await client.query<{ name: string }>(`SELECT name FROM ${migrationsTable} ORDER BY id`);
  const unknown = run.rows.map(({ name }) => name).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new Error(
    `the database is newer than this version of Sallyport, which does not have its migrations ${unknown.join(", ")}: ` +
      "start the newer version again, or give this version a database of its own",
  );
}
