import { randomBytes } from "node:crypto";
import { AccountId, CharId, Fence } from "@sallyport/domain";
import { testDatabase } from "@sallyport/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createNonceStore,
  createTrailStore,
  type Database,
  migrate,
  openDatabase,
  type TrailStore,
  TrailWriter,
} from "../src/index.ts";

let drop: () => Promise<void>;
let database: Database;
let store: TrailStore;
beforeAll(async () => {
  const testing = await testDatabase({ migrate, template: "sallyport" });
  drop = testing.drop;
  database = await openDatabase({ url: testing.url });
  store = createTrailStore(database);
});
afterAll(async () => {
  await database.close();
  await drop();
});

let nowMs = Date.parse("2026-11-21T16:30:00Z");
const open = (server: string): TrailWriter =>
  new TrailWriter({
    store,
    server,
    wallMs: () => (nowMs += 1_000),
    randomBytes,
    every: () => () => {},
    retentionMs: null,
    leftOut: () => {},
    failed: (error) => {
      throw error;
    },
  });

const [walker, wanda] = [AccountId(2_000_000), CharId(150_000)];
const nobody = { accountIds: [], charIds: [], address: null, before: null, limit: 10 };

test("the trail of an account, of a character and of a network is read from its end, page by page", async () => {
  const writer = open("login-1");
  const origin = { address: "2001:db8::7", device: "d\"'\\", dialect: "native", clientVersion: "sdk 1" };
  for (let count = 0; count < 5; count += 1)
    writer.note({ what: `login ${count}`, accountId: walker, origin, detail: { count } });
  writer.note({ what: "kick", accountId: walker, charId: wanda, by: "ada", why: "spam" });
  writer.note({ what: "login", accountId: AccountId(2_000_001), origin: { address: "10.9.8.7" } });
  await writer.stop();
  const first = await store.read({ ...nobody, accountIds: [walker], charIds: [wanda], limit: 4 });
  expect(first.rows.map(({ what }) => what)).toEqual(["kick", "login 4", "login 3", "login 2"]);
  expect(first.rows.slice(0, 2)).toMatchObject([
    { account_id: walker, char_id: wanda, by: "ada", why: "spam", address: null, server: "login-1" },
    { address: "2001:db8::7", device: "d\"'\\", dialect: "native", detail: { count: 4 } },
  ]);
  const rest = await store.read({ ...nobody, accountIds: [walker], before: first.before });
  expect([rest.rows.map(({ what }) => what), rest.before]).toEqual([["login 1", "login 0"], null]);
  const ofNetwork = await store.read({ ...nobody, address: "10.0.0.0/8" });
  expect(ofNetwork.rows).toMatchObject([{ account_id: 2_000_001, address: "10.9.8.7" }]);
});

test("rows that are written twice are there once", async () => {
  const writer = open("login-2");
  writer.note({ what: "register", accountId: AccountId(2_000_002) });
  await writer.stop();
  const { rows } = await store.read({ ...nobody, accountIds: [2_000_002] });
  await store.write(rows);
  expect((await store.read({ ...nobody, accountIds: [2_000_002] })).rows).toEqual(rows);
});

test("what two servers know of one login makes one row, in whichever order they write", async () => {
  const login = { accountId: AccountId(2_000_003), fence: Fence(7) };
  const [atLogin, atChar] = [open("login-1"), open("alpha")];
  const origin = { address: "10.0.0.7", device: null, dialect: "ragnarok", clientVersion: "20100105" };
  atLogin.seen({ ...login, origin });
  atChar.seen({ ...login, hasEnded: true });
  await atChar.stop();
  await atLogin.stop();
  const rows = await store.logins(login.accountId, 5);
  expect(rows).toMatchObject([{ fence: 7, address: "10.0.0.7", dialect: "ragnarok" }]);
  expect(rows[0]?.ended_at).toBe(rows[0]?.last_active_at);
  expect(rows[0]?.connected_at).not.toBe(rows[0]?.last_active_at);
});

test("old rows are forgotten, and newer ones stay", async () => {
  const writer = open("login-3");
  const account = { accountId: AccountId(2_000_004) };
  writer.note({ what: "old", ...account });
  const origin = { address: "10.0.0.7", device: null, dialect: "native", clientVersion: "sdk 1" };
  writer.seen({ ...account, fence: Fence(1), origin });
  await writer.stop();
  const borderMs = nowMs + 500;
  writer.note({ what: "new", ...account });
  writer.seen({ ...account, fence: Fence(2), origin });
  writer.seen({ ...account, fence: Fence(3), hasEnded: true });
  await writer.stop();
  expect(await store.forget(borderMs)).toBe(false);
  const { rows } = await store.read({ ...nobody, accountIds: [account.accountId] });
  expect(rows).toMatchObject([{ what: "new" }]);
  expect(await store.logins(account.accountId, 5)).toMatchObject([{ fence: 2 }]);
  // The login of fence 3 was an operator's.
  const counts = await store.counts([account.accountId, 2_000_099]);
  expect(counts).toEqual([{ account_id: account.accountId, log_ons: 1, log_offs: 0 }]);
});

test("a nonce can be used once, even by two servers at the same moment", async () => {
  const useNonce = createNonceStore(database);
  const [one, other, another] = await Promise.all([useNonce("1.a"), useNonce("1.a"), useNonce("1.b")]);
  expect([one !== other, another]).toEqual([true, true]);
  expect(await useNonce("1.a")).toBe(false);
});
