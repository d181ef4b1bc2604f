import { readEmail } from "@sallyport/authentication";
import { type AccountId, Fence, Unavailable } from "@sallyport/domain";
import { must, type TestDatabase, testDatabase } from "@sallyport/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type AccountAdmin,
  createAccountAdmin,
  createTrailStore,
  type Database,
  migrate,
  openDatabase,
} from "../src/index.ts";
import {
  createAccount,
  createCharacter,
  credential,
  freshName,
  type Stores,
  storesOn,
} from "./sample-rows.ts";

let testing: TestDatabase;
let database: Database;
let stores: Stores;
let admin: AccountAdmin;
beforeAll(async () => {
  testing = await testDatabase({ migrate, template: "sallyport" });
  database = await openDatabase({ url: testing.url });
  stores = storesOn(database);
  admin = createAccountAdmin(database);
});
afterAll(async () => {
  await database.close();
  await testing.drop();
});

const emailOf = (name: string) => {
  const email = readEmail(`${name}@example.org`);
  if (email === null) throw new Error(name);
  return email;
};
const nobody = 1 as AccountId;

/** Adds what the login-server stores about the owner of an account. */
async function lived(accountId: AccountId, fence: Fence): Promise<void> {
  const address = "192.0.2.7";
  must(await stores.accounts.noteLogin({ accountId, fence, address }));
  const at = "2026-11-21T16:30:00.000Z";
  const origin = { address, device: "machine", dialect: "native", client_version: "3" };
  const row = { id: "01900000-0000-7000-8000-000000000001", at, account_id: accountId, char_id: null };
  const trail = createTrailStore(database);
  await trail.write([
    { ...row, ...origin, what: "login", server: "login-1", by: null, why: null, detail: {} },
  ]);
  const login = { account_id: accountId, fence, ...origin, ended_at: null };
  await trail.writeLogins([{ ...login, connected_at: at, last_active_at: at }]);
  const email = emailOf("reset");
  const token = { tokenHash: new Uint8Array(32).fill(9), accountId, purpose: "reset", email } as const;
  must(await stores.mailTokens.add({ ...token, lifeMs: 60_000 }));
}

const count = async (table: string, accountId: AccountId): Promise<number> => {
  const text = `SELECT count(*)::integer AS count FROM ${table} WHERE account_id = $1`;
  const [row] = await database.query<{ count: number }>({ name: `count ${table}`, text }, [accountId]);
  return row?.count ?? 0;
};

test("an export has all that is stored about the owner of an account, and no secret", async () => {
  const { name, reference } = await createCharacter(stores);
  const { accountId, accountFence } = reference;
  await admin.setEmail({ accountId, email: emailOf(name) });
  await lived(accountId, accountFence);
  const exported = await admin.export(accountId);
  expect(exported).toMatchObject({
    account: { id: accountId, email: `${name}@example.org` },
    characters: [{ name, attributes: {} }],
    addresses: [{ address: "192.0.2.7" }],
    logins: [{ address: "192.0.2.7", device: "machine" }],
    codes: [{ purpose: "reset" }],
    trail: [{ what: "login", address: "192.0.2.7" }],
  });
  expect(Object.keys(exported?.["account"] as object).filter((key) => /salt|key$|memory/.test(key))).toEqual([
    "email_key",
  ]);
  expect(JSON.stringify(exported)).not.toContain("token_hash");
  expect(await admin.export(nobody)).toBe(null);
});

test("a deleted account leaves its id in the trail, and nothing else", async () => {
  const { reference } = await createCharacter(stores);
  const { accountId, accountFence } = reference;
  await database.query({ name: "no trail", text: "DELETE FROM trail" }, []);
  await database.query({ name: "no codes", text: "DELETE FROM mail_tokens" }, []);
  await lived(accountId, accountFence);
  const older = Fence(accountFence - 1);
  expect(await admin.delete({ accountId, accountFence: older })).toEqual({ ok: false, refusal: "lock-lost" });
  expect(await count("characters", accountId)).toBe(1);
  must(await admin.delete({ accountId, accountFence }));
  for (const table of ["characters", "account_places", "sessions", "mail_tokens"])
    expect(await count(table, accountId), table).toBe(0);
  const text = "SELECT * FROM trail WHERE account_id = $1";
  const [left] = await database.query({ name: "trail of", text }, [accountId]);
  expect(left).toMatchObject({ what: "login", address: null, device: null, detail: null });
  expect(await stores.accounts.raiseFence(accountId)).toMatchObject({ refusal: "no-such-account" });
});

test("an operator's password replaces any other, and ends codes for a new one", async () => {
  const name = freshName();
  const accountId = await createAccount(stores, name);
  const tokenHash = new Uint8Array(32).fill(8);
  const token = { tokenHash, accountId, purpose: "reset", email: emailOf(name), lifeMs: 60_000 } as const;
  must(await stores.mailTokens.add(token));
  must(await admin.setPassword({ accountId, credential: credential(4), endsLogins: false }));
  expect((await stores.accounts.findByName(name))?.credential.storedKey[0]).toBe(4);
  expect(await stores.mailTokens.forReset(tokenHash)).toBeNull();
  expect(
    await admin.setPassword({ accountId: nobody, credential: credential(), endsLogins: false }),
  ).toMatchObject({
    refusal: "no-such-account",
  });
});

/** Gives up this statement. A call of `asked` carries it out late. */
function givingUp(name: string) {
  const asked: (() => Promise<unknown>)[] = [];
  const query: Database["query"] = async (statement, values) => {
    if (statement.name !== name) return database.query(statement, values);
    asked.push(() => database.query(statement, values));
    throw new Unavailable("no answer");
  };
  return { slow: createAccountAdmin({ close: () => database.close(), query }), asked };
}

test("an operator's password that comes late replaces no newer one, and one that comes meanwhile is replaced", async () => {
  const name = freshName();
  const accountId = await createAccount(stores, name);
  const key = async () => (await stores.accounts.findByName(name))?.credential.storedKey[0];
  const { slow, asked } = givingUp("account-change-password");
  const givenUp = slow.setPassword({
    accountId,
    credential: credential(5),
    endsLogins: false,
  });
  await expect(givenUp).rejects.toThrow("no answer");
  must(await admin.setPassword({ accountId, credential: credential(6), endsLogins: false }));
  for (const late of asked) await late();
  expect(asked).toHaveLength(1);
  expect(await key()).toBe(6);

  const both = [7, 8].map((each) =>
    admin.setPassword({ accountId, credential: credential(each), endsLogins: false }),
  );
  for (const set of await Promise.all(both)) must(set);
  expect(await key()).toBeOneOf([7, 8]);
});

test.each(["another one", "none"])(
  "an operator's address that comes late does not replace %s",
  async (newer) => {
    const [name, late] = [freshName(), freshName()];
    const accountId = await createAccount(stores, name);
    const newest = newer === "a removal" ? null : emailOf(`newer-${name}`);
    const { slow, asked } = givingUp("account-admin-set-email");
    await expect(slow.setEmail({ accountId, email: emailOf(late) })).rejects.toThrow("no answer");
    // The account has no address before and, in one case, afterwards.
    for (const email of [emailOf(name), newest]) must(await admin.setEmail({ accountId, email }));
    for (const each of asked) await each();
    expect(asked).toHaveLength(1);
    expect((await stores.accounts.findByName(name))?.email).toBe(newest?.address ?? null);
  },
);

test("an operator's address is set also if another one comes meanwhile", async () => {
  const name = freshName();
  const accountId = await createAccount(stores, name);
  let others = 0;
  const query: Database["query"] = async (statement, values) => {
    if (statement.name === "account-admin-set-email" && others++ === 0)
      must(await admin.setEmail({ accountId, email: emailOf(`other-${name}`) }));
    return database.query(statement, values);
  };
  const email = emailOf(name);
  must(await createAccountAdmin({ close: () => database.close(), query }).setEmail({ accountId, email }));
  expect(others).toBe(2);
  expect((await stores.accounts.findByName(name))?.email).toBe(email.address);
});

test("an operator's address counts as confirmed, and an account without a name keeps its address", async () => {
  const [name, other] = [freshName(), freshName()];
  const accountId = await createAccount(stores, name);
  must(await admin.setEmail({ accountId, email: emailOf(name) }));
  const { key } = emailOf(name);
  expect(await stores.accounts.findByEmail(key)).toMatchObject({ accountId, isEmailConfirmed: true });
  const email = emailOf(other);
  const made = await stores.accounts.create({ name: null, email, sex: "male", credential: credential() });
  const nameless = must(made).accountId;
  expect(await admin.setEmail({ accountId, email })).toEqual({ ok: false, refusal: "email-taken" });
  expect(await admin.setEmail({ accountId: nameless, email: null })).toEqual({
    ok: false,
    refusal: "no-name",
  });
  must(await admin.setEmail({ accountId, email: null }));
  expect(await stores.accounts.findByName(name)).toMatchObject({ email: null, isEmailConfirmed: false });
  expect(await admin.setEmail({ accountId: nobody, email: null })).toMatchObject({
    refusal: "no-such-account",
  });
});
