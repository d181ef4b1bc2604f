import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, parse } from "node:path";
import { firstActorId } from "@sallyport/domain";
import { testDatabase } from "@sallyport/testkit";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { migrate } from "../src/index.ts";

let url: string;
let drop: () => Promise<void>;
beforeEach(async () => {
  ({ url, drop } = await testDatabase());
});
afterEach(() => drop());

async function query(text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

test("three servers that start at once migrate once, and all of them start", async () => {
  const messages: string[] = [];
  const log = (message: string) => messages.push(message);
  await Promise.all([migrate(url, log), migrate(url, log), migrate(url, log)]);
  const names = readdirSync(new URL("../migrations/", import.meta.url)).map((file) => parse(file).name);
  const migrated = names.map((name) => `database migrated: ${name}`);
  expect(messages.filter((message) => message.includes("migrated"))).toEqual(migrated);
  expect(await query("SELECT count(*)::int FROM accounts")).toEqual([{ count: 0 }]);
});

test("no account and no character gets the id of an actor that is no player", async () => {
  await migrate(url);
  const sequences =
    "SELECT sequencename, max_value::float AS max FROM pg_sequences WHERE sequencename ~ '^(a|c)' ORDER BY 1";
  expect(await query(sequences)).toEqual([
    { sequencename: "accounts_id_seq", max: firstActorId - 1 },
    { sequencename: "characters_id_seq", max: firstActorId - 1 },
  ]);
});

test("a database that is up to date is not changed, and nothing is logged", async () => {
  await migrate(url);
  const messages: string[] = [];
  await migrate(url, (message) => messages.push(message));
  expect(messages).toEqual([]);
});

test("a database that a newer version has migrated is refused", async () => {
  await migrate(url);
  await query("INSERT INTO schema_migrations (name, run_on) VALUES ('20990101000000000_guilds', now())");
  await expect(migrate(url)).rejects.toThrow(/newer than this version .* 20990101000000000_guilds/);
});

test("a migration that fails leaves nothing behind, and the lock free", async () => {
  await query("CREATE TABLE cluster_secrets ()"); // makes the last statement fail
  await expect(migrate(url)).rejects.toMatchObject({ code: "42P07" });
  expect(await query("SELECT to_regclass('accounts') AS accounts")).toEqual([{ accounts: null }]);
  await query("DROP TABLE cluster_secrets");
  await migrate(url);
});

test("the error about an unusable Postgres names it, without the password", async () => {
  const wrong = "postgres://somebody:secret@localhost:1/nothing";
  const failure = await migrate(wrong).catch((error: Error) => error);
  expect(failure).toMatchObject({
    message: expect.stringMatching(/DATABASE_URL postgres:\/\/somebody@localhost:1\/nothing: .*ECONNREFUSED/),
  });
});

test("other tables are migrated beside them, in a schema and a list of their own", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-migrations-"));
  try {
    writeFileSync(join(folder, "20250101000000000_shops.sql"), "CREATE TABLE shop.accounts (id integer)");
    const shop = { folder, schema: "shop" };
    await migrate(url);
    const messages: string[] = [];
    await migrate(url, (message) => messages.push(message), shop);
    expect(messages).toEqual(["database migrated: 20250101000000000_shops"]);
    expect(await query("SELECT count(*)::int FROM shop.accounts")).toEqual([{ count: 0 }]);
    expect(await query("SELECT name FROM shop.schema_migrations")).toEqual([
      { name: "20250101000000000_shops" },
    ]);
    const again = (message: string) => messages.push(message);
    await migrate(url, again);
    await migrate(url, again, shop);
    expect(messages).toHaveLength(1);
    rmSync(join(folder, "20250101000000000_shops.sql"));
    await expect(migrate(url, again, shop)).rejects.toThrow(
      /newer than this version .* 20250101000000000_shops/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
