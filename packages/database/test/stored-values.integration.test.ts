import { type AccountId, type CharId, type Fence, UnreadableRow } from "@sallyport/domain";
import { type TestDatabase, testDatabase } from "@sallyport/testkit";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type AccountLookup,
  createAccountLookup,
  type Database,
  migrate,
  openDatabase,
} from "../src/index.ts";
import {
  bySaver,
  createAccount,
  freshName,
  position,
  raise,
  type Stores,
  stateWith,
  storesOn,
  world,
} from "./sample-rows.ts";

/*
 * These tests store values that Postgres accepts but servers never write, in one column after the other. The
 * database formats times in a way that pg cannot read.
 */

let testing: TestDatabase;
let operator: pg.Client;
let database: Database;
let stores: Stores;
let lookup: AccountLookup;
beforeAll(async () => {
  testing = await testDatabase({ migrate, template: "sallyport" });
  operator = new pg.Client({ connectionString: testing.url });
  await operator.connect();
  await operator.query(`ALTER TABLE accounts DROP CONSTRAINT accounts_sex_known`);
  const { rows } = await operator.query<{ table_name: string; column_name: string }>(
    `SELECT table_name, column_name FROM information_schema.columns
      WHERE table_name IN ('accounts', 'characters') AND is_nullable = 'NO' AND column_name <> 'id'`,
  );
  for (const { table_name, column_name } of rows) {
    await operator.query(`ALTER TABLE ${table_name} ALTER ${column_name} DROP NOT NULL`);
  }
  await operator.query(
    `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET DateStyle TO German', current_database()); END $$`,
  );
  database = await openDatabase({ url: testing.url });
  stores = storesOn(database);
  lookup = createAccountLookup(database);
});
afterAll(async () => {
  await database.close();
  await operator.end();
  await testing.drop();
});

interface Scene {
  readonly name: string;
  readonly accountId: AccountId;
  readonly charId: CharId;
  readonly accountFence: Fence;
}
let scene: Scene;
beforeEach(async () => {
  await operator.query(`DELETE FROM characters; DELETE FROM accounts`);
  const name = freshName();
  const accountId = await createAccount(stores, name);
  const accountFence = await raise(stores, accountId);
  const created = await stores.characters.create({ accountId, accountFence, world, slot: 0, name, position });
  if (!created.ok) throw new Error(created.refusal);
  scene = { name, accountId, accountFence, charId: created.value.charId };
});

const find = () => stores.accounts.findByName(scene.name);
const raiseIt = () => stores.accounts.raiseFence(scene.accountId);
const list = () => stores.characters.list({ accountId: scene.accountId, world });
const charFence = 0 as Fence;
const take = () => stores.characters.take({ ...scene, world, charFence, owner: "map-1" });
const lookUp = () => lookup.find(`#${scene.accountId}`);

const hashing = ["memory_kib", "iterations", "parallelism"] as const;

test.each<
  readonly [table: "accounts" | "characters", column: string, value: string, asked: () => Promise<unknown>]
>([
  ...["NULL", "'infinity'", "'-infinity'", "'1969-12-31'", "'294276-12-31'"].map(
    (value) => ["accounts", "created_at", value, lookUp] as const,
  ),
  ...["'infinity'", "'-infinity'", "'1969-12-31'"].map(
    (value) => ["accounts", "last_login_at", value, lookUp] as const,
  ),
  ...["NULL", "-1", "9007199254740992", "9223372036854775806"].map(
    (value) => ["accounts", "lock_fence", value, find] as const,
  ),
  ["accounts", "lock_fence", "9007199254740991", raiseIt],
  ["accounts", "last_login_at", "'infinity'", raiseIt],
  ...hashing.flatMap((column) =>
    ["NULL", "0", "-1", "2147483647"].map((value) => ["accounts", column, value, find] as const),
  ),
  ...["NULL", "''", "repeat('x', 65)::bytea"].map((value) => ["accounts", "salt", value, find] as const),
  ...["NULL", "''", "repeat('x', 31)::bytea"].map(
    (value) => ["accounts", "stored_key", value, find] as const,
  ),
  ["accounts", "server_key", "NULL", find],
  ["accounts", "sex", "'other'", find],
  ["accounts", "sex", "NULL", raiseIt],
  ...["NULL", "-1", "256"].map((value) => ["characters", "slot", value, list] as const),
  ...["''", "repeat('x', 47)"].map((value) => ["characters", "name", value, list] as const),
  ...["NULL", "''", "repeat('x', 25)"].map((value) => ["characters", "map", value, list] as const),
  ...["x", "y", "hair_style", "hair_colour"].flatMap((column) =>
    ["NULL", "-1", "65536"].map((value) => ["characters", column, value, take] as const),
  ),
  ...["NULL", "'null'", "'[]'", "'7'", "'\"text\"'", "'{\"gold\": 1e400}'"].map(
    (value) => ["characters", "attributes", value, take] as const,
  ),
  ["characters", "attributes", "jsonb_build_object('long', repeat('x', 300000))", take],
  ["characters", "lock_fence", "9007199254740992", list],
  ["accounts", "orders_version", "-1", () => stores.accounts.setBan({ ...scene, untilMs: null })],
  ["characters", "last_played_at", "'infinity'", lookUp],
])(
  "%s.%s with the value %s fails only the request that reads it, and the error names the column",
  async (table, column, value, asked) => {
    const id = table === "accounts" ? scene.accountId : scene.charId;
    await operator.query(`UPDATE ${table} SET ${column} = ${value} WHERE id = ${id}`);
    const refusal = await asked().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UnreadableRow);
    expect(refusal).toMatchObject({
      message: expect.stringContaining(`${id}: no server can use its ${column}`),
    });
    for (const { parameters } of await stores.accounts.parametersInUse()) {
      expect(parameters).toEqual({ memoryKib: 19_456, iterations: 2, parallelism: 1 });
    }
  },
);

test.each([
  ["'infinity'", Number.POSITIVE_INFINITY],
  ["'294276-12-31'", Number.POSITIVE_INFINITY],
  ["'275760-12-31'", Number.POSITIVE_INFINITY],
  ["'275760-01-01'", Date.UTC(275_760, 0)],
  ["'-infinity'", null],
  ["'1969-12-31T23:59:59Z'", -1_000],
  ["'0044-03-15 BC'", expect.any(Number)],
  ["NULL", null],
])("a ban until %s is read as %s", async (value, bannedUntilMs) => {
  await operator.query(`UPDATE accounts SET banned_until = ${value} WHERE id = ${scene.accountId}`);
  expect(await find()).toMatchObject({ bannedUntilMs });
  expect(await lookUp()).toMatchObject([{ bannedUntilMs }]);
});

test.each(["275760-12-31", "280000-01-01", "294276-12-31"])(
  "a ban until %s counts as one without end, wherever it is found",
  async (day) => {
    const { version } = await stores.accounts.ordersAfter(0, 10_000);
    const until = `banned_until = '${day}', ban_reason = 'spam', muted_until = '${day}'`;
    await operator.query(`UPDATE accounts SET ${until} WHERE id = ${scene.accountId}`);
    expect(await raiseIt()).toEqual({ ok: false, refusal: "banned", detail: "spam" });
    const holder = await stores.tokens.holder(scene.accountId, null);
    expect(holder).toEqual({ ok: false, refusal: "banned", detail: "spam" });
    expect((await stores.accounts.ordersAfter(version, 10_000)).items).toMatchObject([
      { bannedUntilMs: Number.POSITIVE_INFINITY, mutedUntilMs: Number.MAX_SAFE_INTEGER },
    ]);
    const added = await stores.networkBans.add({ of: { network: "192.0.2.7" }, untilMs: 4_102_444_800_000 });
    if (!added.ok) throw new Error(added.refusal);
    await operator.query(`UPDATE network_bans SET until = '${day}' WHERE id = ${added.value.id}`);
    expect(await stores.networkBans.list(1)).toMatchObject([{ id: added.value.id, untilMs: null }]);
  },
);

describe("a fence that cannot be raised any more", () => {
  test.each([
    [
      "of the account",
      raiseIt,
      () => `accounts SET lock_fence = 9223372036854775807 WHERE id = ${scene.accountId}`,
    ],
    [
      "of another character of the account",
      take,
      () => `characters SET lock_fence = 9223372036854775807 WHERE id <> ${scene.charId}`,
    ],
  ])("makes the request that would raise it unavailable: %s", async (_, asked, change) => {
    await stores.characters.create({ ...scene, world, slot: 1, name: freshName(), position });
    await operator.query(`UPDATE ${change()}`);
    await expect(asked()).rejects.toMatchObject({ name: "Unavailable", cause: { code: "22003" } });
  });

  test.each([
    [
      "a take",
      9_007_199_254_740_991,
      (fence: Fence) => stores.characters.take({ ...scene, world, charFence: fence, owner: "map-1" }),
    ],
    [
      "a pass",
      9_007_199_254_740_991,
      (fence: Fence) =>
        stores.characters.pass(
          { ...bySaver, charId: scene.charId, fence, saveNumber: 1, state: stateWith({}) },
          "map-2",
        ),
    ],
  ])("beyond the safe integers makes %s unavailable, too", async (_, fence, asked) => {
    await operator.query(`UPDATE characters SET lock_fence = ${fence} WHERE id = ${scene.charId}`);
    await expect(asked(fence as Fence)).rejects.toBeInstanceOf(UnreadableRow);
  });
});

test("an id too large for a message fails only the request that reads it", async () => {
  const made = `OVERRIDING SYSTEM VALUE SELECT 4294967296, 'far', sex, salt, memory_kib, iterations, parallelism,
    stored_key, server_key FROM accounts WHERE id = ${scene.accountId}`;
  await operator.query(
    `INSERT INTO accounts (id, name, sex, salt, memory_kib, iterations, parallelism, stored_key, server_key) ${made}`,
  );
  await expect(stores.accounts.findByName("far")).rejects.toBeInstanceOf(UnreadableRow);
  expect(await find()).not.toBeNull();
});
