import { type RunningPostgres, startPgBouncer, startPostgres, until } from "@sallyport/testkit";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { migrate, oneAtATime, openDatabase } from "../src/index.ts";
import { createCharacter, storesOn } from "./sample-rows.ts";

let postgres: RunningPostgres;
let url: string;
beforeAll(async () => {
  postgres = await startPostgres();
});
beforeEach(async () => {
  ({ url } = await postgres.createDatabase());
});
afterAll(() => postgres.stop());

/** Sends a query to Postgres without PgBouncer. */
async function ask(text: string): Promise<pg.QueryResultRow[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const advisoryLocks = () => ask("SELECT objid FROM pg_locks WHERE locktype = 'advisory'");

describe("behind PgBouncer in session mode, as Debian installs it", () => {
  test.each([
    ["as it comes", []],
    ["without a query that resets connections", ["server_reset_query ="]],
  ])("a database is migrated and used, and no lock is left: %s", async (_, settings) => {
    const pooler = await startPgBouncer({ url, poolMode: "session", settings });
    await migrate(pooler.url);
    expect(await oneAtATime(pooler.url, async () => (await advisoryLocks()).length)).toBe(1);
    expect(await advisoryLocks()).toEqual([]);
    const database = await openDatabase({ url: pooler.url });
    const stores = storesOn(database);
    await Promise.all(Array.from({ length: 40 }, () => createCharacter(stores)));
    expect(await ask("SELECT count(*)::int FROM characters")).toEqual([{ count: 40 }]);
    const timeout = {
      name: "timeout",
      text: "SELECT setting FROM pg_settings WHERE name = 'statement_timeout'",
    };
    expect(await database.query(timeout, [])).toEqual([{ setting: "10000" }]);
    await database.close();
    await migrate(pooler.url);
    await pooler.stop();
  });

  test("a database whose connection the pooler loses is used again", async () => {
    const pooler = await startPgBouncer({ url, poolMode: "session" });
    const database = await openDatabase({ url: pooler.url });
    const one = { name: "one", text: "SELECT 1 AS one" };
    await database.query(one, []);
    const lost = await ask(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sallyport'",
    );
    expect(lost).toHaveLength(1);
    expect(await until(() => database.query(one, []), { what: "it is used again" })).toEqual([{ one: 1 }]);
    await database.close();
    await pooler.stop();
  });

  test("a pool of one connection is refused with the reason", async () => {
    const pooler = await startPgBouncer({ url, poolMode: "session", settings: ["default_pool_size = 1"] });
    const opening = openDatabase({ url: pooler.url, answerMsMax: 3_000 });
    await expect(opening).rejects.toThrow(
      /the pooler in front of Postgres gives no second connection; .* too small/,
    );
    await pooler.stop();
  });
});

describe.each(["transaction", "statement"] as const)("behind PgBouncer in %s mode", (poolMode) => {
  test.each([
    ["an idle pool", []],
    ["a pool that lends in rotation", ["server_round_robin = 1", "min_pool_size = 2"]],
  ])("the start of a server fails with the reason, and leaves nothing behind: %s", async (_, settings) => {
    const pooler = await startPgBouncer({ url, poolMode, settings });
    for (const open of [
      migrate,
      (of: string) => openDatabase({ url: of }),
      (of: string) => oneAtATime(of, async () => {}),
    ]) {
      await expect(open(pooler.url)).rejects.toThrow(
        /cannot use Postgres at DATABASE_URL .*: the pooler .* one transaction .* set its pool_mode to session/,
      );
    }
    expect(await advisoryLocks()).toEqual([]);
    await pooler.stop();
  });
});
