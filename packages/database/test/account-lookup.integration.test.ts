import { type TestDatabase, testDatabase } from "@sallyport/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  characterNames,
  createAccountLookup,
  type Database,
  migrate,
  noteLockSpace,
  openDatabase,
} from "../src/index.ts";
import { createAccount, credential, position, raise, type Stores, storesOn } from "./sample-rows.ts";

let testing: TestDatabase;
let database: Database;
let stores: Stores;
beforeAll(async () => {
  testing = await testDatabase({ migrate, template: "sallyport" });
  database = await openDatabase({ url: testing.url });
  stores = storesOn(database);
});
afterAll(async () => {
  await database.close();
  await testing.drop();
});

async function accountWith(name: string, characters: readonly (readonly [world: string, name: string])[]) {
  const accountId = await createAccount(stores, name);
  const accountFence = await raise(stores, accountId);
  await stores.accounts.noteLogin({ accountId, fence: accountFence });
  for (const [slot, [world, character]] of characters.entries()) {
    await stores.characters.create({ accountId, accountFence, world, slot, name: character, position });
  }
  return accountId;
}

test("a character of any alphabet is found by any spelling of its name, and by a name that looks like it", async () => {
  const lookup = createAccountLookup(database);
  const accountId = await createAccount(stores, "owner_of_many");
  const accountFence = await raise(stores, accountId);
  const rule = characterNames("unicode");
  for (const [slot, typed] of ["Анна Каренина", "桜木花道", "ВОТ"].entries()) {
    const named = rule.read(typed) ?? { name: "", skeletons: [] };
    await stores.characters.create({ accountId, accountFence, world: "Omega", slot, ...named, position });
  }
  for (const name of [
    "Анна Каренина",
    "анна каренина",
    "桜木花道",
    "桜木花道".normalize("NFD"),
    "BOT",
    "bot",
  ]) {
    expect(
      (await lookup.find(name)).map((each) => each.accountId),
      name,
    ).toEqual([accountId]);
  }
  for (const name of ["Анна", "桜木", "во"]) expect(await lookup.find(name)).toEqual([]);
});

test("an account is found by its name, a character's name in any world, or an id, in any case", async () => {
  const lookup = createAccountLookup(database);
  const wanda = await accountWith("walker", [
    ["Alpha", "Wanda"],
    ["Beta", "Rider"],
  ]);
  const other = await accountWith("Rider", [["Gamma", "wanda"]]);
  await accountWith("nobody_else", []);

  const [found, ...rest] = await lookup.find("WALKER");
  expect(rest).toEqual([]);
  expect(found).toEqual({
    accountId: wanda,
    name: "walker",
    email: null,
    isEmailConfirmed: false,
    role: "player",
    ...{ bannedUntilMs: null, banReason: null, bannedBy: null, mutedUntilMs: null },
    createdMs: expect.any(Number),
    lastLoginMs: expect.any(Number),
    characters: [
      { charId: expect.any(Number), name: "Wanda", world: "Alpha", map: "harbour", lastPlayedMs: null },
      { charId: expect.any(Number), name: "Rider", world: "Beta", map: "harbour", lastPlayedMs: null },
    ],
  });
  const idsOf = async (name: string) => (await lookup.find(name)).map(({ accountId }) => accountId);
  expect(await idsOf("wanda")).toEqual([wanda, other]);
  expect(await idsOf("rider")).toEqual([wanda, other]);
  expect(await idsOf(`#${other}`)).toEqual([other]);
  expect(await idsOf(`#${found?.characters[1]?.charId}`)).toEqual([wanda]);
  for (const name of ["wand_", "%", "", "#0", "#", "'; --", String(wanda)])
    expect(await idsOf(name)).toEqual([]);

  await noteLockSpace(database, "world:Delta");
  await noteLockSpace(database, "login");
  expect(await lookup.worlds()).toEqual(["Alpha", "Beta", "Delta", "Gamma", "Omega"]);
});

test("an account without a name is found by its e-mail address, in any case", async () => {
  const email = { address: "Ann@example.org", key: "ann@example.org" };
  const created = await stores.accounts.create({
    name: null,
    email,
    sex: "female",
    credential: credential(),
  });
  const [found, ...rest] = await createAccountLookup(database).find("ANN@Example.org");
  expect(rest).toEqual([]);
  expect(created).toMatchObject({ value: { accountId: found?.accountId } });
  expect(found).toMatchObject({ name: null, email: "Ann@example.org" });
});

test("the accounts that are banned now are listed, the newest first, and no more than asked for", async () => {
  const lookup = createAccountLookup(database);
  const forEver = await createAccount(stores, "banned_for_ever");
  const over = await createAccount(stores, "banned_before");
  const soon = await createAccount(stores, "banned_until");
  const untilMs = 4_102_444_800_000;
  const ban = { reason: "spam", by: "ada" };
  await stores.accounts.setBan({ accountId: forEver, untilMs: Number.POSITIVE_INFINITY });
  await stores.accounts.setBan({ accountId: over, untilMs: 1_000, ...ban });
  await stores.accounts.setBan({ accountId: soon, untilMs, ...ban });
  const all = [
    { accountId: soon, name: "banned_until", email: null, untilMs, ...ban },
    {
      ...{ accountId: forEver, name: "banned_for_ever", email: null },
      ...{ untilMs: Number.POSITIVE_INFINITY, reason: null, by: null },
    },
  ];
  expect(await lookup.banned(10)).toEqual(all);
  expect(await lookup.banned(1)).toEqual(all.slice(0, 1));
  await stores.accounts.setBan({ accountId: soon, untilMs: null });
  expect(await lookup.banned(10)).toEqual(all.slice(1));
});
