import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import type {} from "./global-setup.ts";
import { createDatabase, query, type TestDatabase } from "./postgres-server.ts";

export interface TestDatabaseOptions {
  /** Runs once for each `template`. Each test database is a copy of the result. */
  readonly migrate?: (url: string) => Promise<unknown>;
  readonly template?: string;
}

/** Creates a database that no other test uses. Works only in tests named `.integration.test.ts`. */
export async function testDatabase({
  migrate,
  template = "migrated",
}: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const url = inject("postgresUrl");
  const prefix = `sallyport_test_${inject("runId")}`;
  const name = `${prefix}_${randomBytes(6).toString("hex")}`;
  if (migrate === undefined) return createDatabase(url, { name });
  const templateName = `${prefix}_template_${template}`;
  await makeTemplateOnce(url, templateName, migrate);
  return createDatabase(url, { name, template: templateName });
}

/**
 * Test files run in separate processes. The first process migrates the template, and the other processes wait
 * until the template is migrated.
 */
async function makeTemplateOnce(
  url: string,
  name: string,
  migrate: (url: string) => Promise<unknown>,
): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock(hashtext($1))", [name]);
    const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [name]);
    if (rowCount === 1) return;
    const draft = await createDatabase(url, { name: `${name}_draft` });
    try {
      await migrate(draft.url);
      await query(url, `ALTER DATABASE "${name}_draft" RENAME TO "${name}"`);
    } catch (error) {
      await draft.drop();
      throw error;
    }
  } finally {
    await client.end();
  }
}
