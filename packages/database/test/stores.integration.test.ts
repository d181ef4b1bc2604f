import { type TestDatabase, testDatabase } from "@sallyport/testkit";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clusterSecret, type Database, migrate, openDatabase } from "../src/index.ts";
import { storeContract } from "./contract.ts";
import { createAccount, freshName, storesOn } from "./sample-rows.ts";

let testing: TestDatabase;
let database: Database;
beforeAll(async () => {
  testing = await testDatabase({ migrate, template: "sallyport" });
  database = await openDatabase({ url: testing.url });
});
afterAll(async () => {
  await database.close();
  await testing.drop();
});

storeContract("stores on Postgres", async () => ({ stores: storesOn(database), close: async () => {} }));

test("a cluster keeps one secret, even if many servers ask at first", async () => {
  const secrets = await Promise.all([1, 2, 3].map(() => clusterSecret(database, "decoy")));
  expect(secrets[0]).toHaveLength(32);
  expect(secrets[1]).toEqual(secrets[0]);
  expect(secrets[2]).toEqual(secrets[0]);
  expect(await clusterSecret(database, "another")).not.toEqual(secrets[0]);
  await database.query({ name: "empty", text: "UPDATE cluster_secrets SET value = ''" }, []);
  await expect(clusterSecret(database, "another")).rejects.toThrow(
    /another in Postgres is not 32 bytes long/,
  );
});

test.each([
  ["192.0.2.7", "192.0.2.7/32"],
  ["192.0.2.7/24", "192.0.2.0/24"],
  ["2001:db8:1::7", "2001:db8:1::7/128"],
  ["2001:DB8::/32", "2001:db8::/32"],
])("a ban of %s is kept as %s", async (written, network) => {
  const bans = storesOn(database).networkBans;
  const { version } = await bans.bansAfter(0, 1_000);
  await bans.add({ of: { network: written }, untilMs: Number.POSITIVE_INFINITY });
  expect((await bans.bansAfter(version, 1_000)).items).toMatchObject([{ network, device: null }]);
});

test.each([
  { network: "somewhere" },
  { network: "192.0.2.0/33" },
  { device: "" },
  { device: "x".repeat(65) },
])("a ban of %j is refused", async (of) => {
  const banned = await storesOn(database).networkBans.add({ of, untilMs: Number.POSITIVE_INFINITY });
  expect(banned).toEqual({ ok: false, refusal: "invalid" });
});

test("an order that is given by SQL is found like any other", async () => {
  const { accounts } = storesOn(database);
  const name = freshName();
  const accountId = await createAccount(storesOn(database), name);
  const { version } = await accounts.ordersAfter(0, 10_000);
  const text = "UPDATE accounts SET banned_until = 'infinity' WHERE name = $1";
  await database.query({ name: "test-ban-by-hand", text }, [name]);
  expect((await accounts.ordersAfter(version, 10_000)).items).toMatchObject([{ accountId }]);
});

test("an order that commits late is not missed, because later ones wait for it", async () => {
  const { accounts } = storesOn(database);
  const [slow, fast] = [await createAccount(storesOn(database)), await createAccount(storesOn(database))];
  const { version } = await accounts.ordersAfter(0, 10_000);
  const operator = new pg.Client({ connectionString: testing.url });
  await operator.connect();
  await operator.query("BEGIN");
  await operator.query("UPDATE accounts SET role = 'gamemaster' WHERE id = $1", [slow]);
  const later = accounts.setRole({ accountId: fast, role: "gamemaster" });
  expect((await accounts.ordersAfter(version, 10_000)).items).toEqual([]);
  await operator.query("COMMIT");
  await operator.end();
  expect(await later).toMatchObject({ ok: true });
  const found = (await accounts.ordersAfter(version, 10_000)).items;
  expect(found.map(({ accountId }) => accountId)).toEqual([slow, fast]);
});
