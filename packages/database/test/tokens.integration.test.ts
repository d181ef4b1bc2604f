import { invitationHash, readEmail } from "@sallyport/authentication";
import type { AccountId } from "@sallyport/domain";
import { must, type TestDatabase, testDatabase, until } from "@sallyport/testkit";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAccountAdmin, type Database, migrate, openDatabase } from "../src/index.ts";
import { createAccount, credential, freshName, type Stores, storesOn } from "./sample-rows.ts";

const dayMs = 86_400_000;
let testing: TestDatabase;
let database: Database;
let operator: pg.Client;
let stores: Stores;
beforeAll(async () => {
  testing = await testDatabase({ migrate, template: "sallyport" });
  database = await openDatabase({ url: testing.url });
  operator = new pg.Client({ connectionString: testing.url });
  await operator.connect();
  stores = storesOn(database);
});
afterAll(async () => {
  await operator.end();
  await database.close();
  await testing.drop();
});

const revokedMs = async (accountId: AccountId): Promise<number | undefined> =>
  (await stores.tokens.revocations(dayMs, 10_000)).find((each) => each.accountId === accountId)?.beforeMs;

const waits = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

test("a token waits for a ban that is not committed yet, and is then refused", async () => {
  const accountId = await createAccount(stores);
  await operator.query("BEGIN");
  await operator.query("UPDATE accounts SET banned_until = 'infinity' WHERE id = $1", [accountId]);
  const asked = stores.tokens.holder(accountId, null);
  let isAnswered = false;
  void asked.finally(() => {
    isAnswered = true;
  });
  expect(await stores.accounts.isInvitation(invitationHash("none"))).toBe(false);
  expect(isAnswered).toBe(false);
  await operator.query("COMMIT");
  expect(await asked).toMatchObject({ ok: false, refusal: "banned" });
});

test("a token that waited for a new password is refused to the old one", async () => {
  const accountId = await createAccount(stores);
  await operator.query("BEGIN");
  const changed = "UPDATE accounts SET stored_key = $2 WHERE id = $1";
  await operator.query(changed, [accountId, Buffer.from(credential(5).storedKey)]);
  const asked = stores.tokens.holder(accountId, credential().storedKey);
  await operator.query("COMMIT");
  expect(await asked).toMatchObject({ ok: false, refusal: "no-such-account" });
});

test("a token that waited for another role is issued after the revocation of the older ones", async () => {
  const accountId = await createAccount(stores);
  // Several changes in one second date the last revocation ahead of the clock.
  for (const role of ["gamemaster", "player"] as const)
    must(await stores.accounts.setRole({ accountId, role }));
  await operator.query("BEGIN");
  await operator.query("UPDATE accounts SET role = 'administrator' WHERE id = $1", [accountId]);
  const asked = stores.tokens.holder(accountId, null);
  await until(async () => (await operator.query(waits)).rowCount === 1, { what: "the token waits" });
  await operator.query("COMMIT");
  const { role, issuedS } = must(await asked);
  expect(role).toBe("administrator");
  expect(issuedS * 1_000).toBeGreaterThan((await revokedMs(accountId)) ?? Number.NaN);
});

test("every token either has the new role or is revoked, whichever of many came first", async () => {
  const accountId = await createAccount(stores);
  const ask = () => stores.tokens.holder(accountId, null);
  const asked = [
    ...Array.from({ length: 50 }, ask),
    stores.accounts.setRole({ accountId, role: "gamemaster" }),
    ...Array.from({ length: 50 }, ask),
  ];
  const answers = await Promise.all(asked);
  const beforeMs = (await revokedMs(accountId)) ?? Number.NaN;
  for (const answer of answers) {
    if (!answer.ok) throw new Error(answer.refusal);
    if (!("issuedS" in answer.value)) continue;
    const { role, issuedS } = answer.value;
    if (role === "player") expect(issuedS * 1_000).toBeLessThanOrEqual(beforeMs);
    else expect(issuedS * 1_000).toBeGreaterThan(beforeMs);
  }
});

test("a deletion ends the tokens of the account, also one by SQL", async () => {
  const accountId = await createAccount(stores);
  await operator.query("DELETE FROM accounts WHERE id = $1", [accountId]);
  expect(await revokedMs(accountId)).toBeGreaterThan(0);
});

test("every way to a new password ends tokens", async () => {
  const byOperator = await createAccount(stores);
  const set = { credential: credential(3), endsLogins: false };
  must(await createAccountAdmin(database).setPassword({ accountId: byOperator, ...set }));
  expect(await revokedMs(byOperator)).toBeGreaterThan(0);

  const email = readEmail(`${freshName()}@example.org`);
  if (email === null) throw new Error("no address");
  const account = { name: null, sex: "female", credential: credential(), email } as const;
  const { accountId } = must(await stores.accounts.create(account));
  const tokenHash = new Uint8Array(32).fill(4);
  must(await stores.mailTokens.add({ tokenHash, accountId, purpose: "reset", email, lifeMs: dayMs }));
  must(await stores.mailTokens.reset({ tokenHash, ...set }));
  expect(await revokedMs(accountId)).toBeGreaterThan(0);
});
