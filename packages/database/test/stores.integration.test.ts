import { type TestDatabase, testDatabase } from "@sallyport/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clusterSecret, type Database, migrate, openDatabase } from "../src/index.ts";
import { storeContract } from "./contract.ts";
import { storesOn } from "./sample-rows.ts";

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
