import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { onOwnConnection, underLock } from "./own-connection.ts";

/** The migrations of one set of tables. They are listed in the table `schema_migrations` of their schema. */
export interface Migrations {
  /** The folder with the migrations. */
  readonly folder: string;
  /** Created if it is missing. The migrations have to name it, because the search path stays as it is. */
  readonly schema: string;
}

const ofAccounts: Migrations = {
  // This path works from both src/ and dist/.
  folder: fileURLToPath(new URL("../migrations", import.meta.url)),
  schema: "public",
};
const migrationsTable = "schema_migrations";
/** The letters "sallypor" in ASCII, as one 64-bit number. */
const lockKey = "8314045600252325746";

/**
 * Applies missing migrations. If several servers start together, one migrates and the others wait for it.
 * node-pg-migrate's own lock is off, because with that lock the other servers would fail instead of waiting.
 */
export async function migrate(
  url: string,
  log: (message: string) => void = () => {},
  migrations = ofAccounts,
): Promise<void> {
  const waits = (): void => log("waiting for another server to migrate the database");
  await onOwnConnection(url, (client) =>
    underLock(client, lockKey, () => migrateOn(client, migrations, log), waits),
  );
}

async function migrateOn(
  client: pg.Client,
  { folder, schema }: Migrations,
  log: (message: string) => void,
): Promise<void> {
  if (await isMigrated(client, { folder, schema })) return;
  // Most starts migrate nothing, so this library is loaded only if it is needed.
  const { runner } = await import("node-pg-migrate");
  const applied = await runner({
    dbClient: client,
    dir: folder,
    direction: "up",
    migrationsTable,
    ...(schema !== ofAccounts.schema && { migrationsSchema: schema, createMigrationsSchema: true }),
    noLock: true,
    logger: { info: () => {}, warn: log, error: log },
  });
  for (const { name } of applied) log(`database migrated: ${name}`);
}

/** Rejects if the database has migrations that this version does not have. */
async function isMigrated(client: pg.Client, { folder, schema }: Migrations): Promise<boolean> {
  const table = schema === ofAccounts.schema ? migrationsTable : `${schema}.${migrationsTable}`;
  const { rows } = await client.query("SELECT to_regclass($1) IS NOT NULL AS present", [table]);
  if (!rows[0].present) return false;
  const known = (await readdir(folder)).map((file) => file.replace(/\.sql$/, ""));
  const run = await client.query<{ name: string }>(`SELECT name FROM ${table} ORDER BY id`);
  const unknown = run.rows.map(({ name }) => name).filter((name) => !known.includes(name));
  if (unknown.length === 0) return run.rows.length === known.length;
  throw new Error(
    `the database is newer than this version of Sallyport, which does not have its migrations ${unknown.join(", ")}: ` +
      "start the newer version again, or give this version a database of its own",
  );
}
