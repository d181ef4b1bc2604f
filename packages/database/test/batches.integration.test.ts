import { AccountId, CharId, Fence, Unavailable } from "@sallyport/domain";
import { testDatabase, until } from "@sallyport/testkit";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Database, migrate, openDatabase } from "../src/index.ts";
import {
  bySaver,
  createAccount,
  createCharacter,
  freshName,
  lost,
  position,
  type Stores,
  stateWith,
  storesOn,
  world,
} from "./sample-rows.ts";

let url: string;
let drop: () => Promise<void>;
let database: Database;
/** Lists the names of the statements that `stores` sent. */
let sent: string[];
let stores: Stores;
let client: pg.Client;
beforeAll(async () => {
  ({ url, drop } = await testDatabase({ migrate, template: "sallyport" }));
  database = await openDatabase({ url });
  stores = storesOn({
    ...database,
    query: (statement, values) => {
      sent.push(statement.name);
      return database.query(statement, values);
    },
  });
  client = new pg.Client({ connectionString: url });
  await client.connect();
});
beforeEach(() => {
  sent = [];
});
afterAll(async () => {
  await client.end();
  await database.close();
  await drop();
});

const manyCharacters = (count: number) =>
  Promise.all(Array.from({ length: count }, () => createCharacter(stores)));

/** Returns the arguments to take each of the new characters for the first time. */
const takes = (created: Awaited<ReturnType<typeof manyCharacters>>) =>
  created.map(({ reference }) => ({ ...reference, charFence: Fence(0), owner: "map-1" }));

const toSave = (charId: CharId) => {
  const state = stateWith({ isSaved: true });
  return { ...bySaver, charId, fence: Fence(1), saveNumber: 1, state };
};

const ok = expect.objectContaining({ ok: true });
const refusedWith = (refusal: string) => ({ ok: false, refusal });

describe("simultaneous calls share a statement, and each gets its own answer:", () => {
  test("look-ups", async () => {
    const names = Array.from({ length: 20 }, freshName);
    const ids = await Promise.all(names.map((name) => createAccount(stores, name)));
    sent = [];
    const found = await Promise.all(
      [...names, freshName(), names[3]!.toUpperCase()].map(stores.accounts.findByName),
    );
    expect(found.map((each) => each?.accountId)).toEqual([...ids, undefined, ids[3]]);
    expect(sent).toEqual(["account-find-by-name"]);
  });

  test("raised fences", async () => {
    const [first, second, worn] = await Promise.all([1, 2, 3].map(() => createAccount(stores)));
    const most = Number.MAX_SAFE_INTEGER;
    await client.query("UPDATE accounts SET lock_fence = $2 WHERE id = $1", [worn, most]);
    sent = [];
    const { accounts } = stores;
    const raised = await Promise.allSettled([
      accounts.raiseFence(first!),
      accounts.raiseFence(second!, Fence(0)),
      accounts.raiseFence(worn!, Fence(most)),
      accounts.raiseFence(AccountId(1)),
      accounts.raiseFence(second!, Fence(0)),
      accounts.raiseFence(first!),
    ]);
    expect(raised).toMatchObject([
      { value: { value: { fence: 1 } } },
      { value: { value: { fence: 1 } } },
      { reason: expect.any(Unavailable) },
      { value: refusedWith("no-such-account") },
      { value: refusedWith("raised-meanwhile") },
      { value: { value: { fence: 2 } } },
    ]);
    expect(sent.filter((name) => name === "account-raise-fence")).toHaveLength(2);
  });

  test("recorded logins", async () => {
    const [first, second] = await Promise.all([1, 2].map(() => createAccount(stores)));
    await stores.accounts.raiseFence(second!);
    sent = [];
    const noted = [first!, second!].map((accountId) =>
      stores.accounts.noteLogin({ accountId, fence: Fence(0) }),
    );
    expect(await Promise.all(noted)).toEqual([ok, refusedWith("raised-meanwhile")]);
    expect(sent).toEqual(["account-note-login", "account-note-login-alone", "account-find-ban"]);
  });

  test("lists", async () => {
    const created = await manyCharacters(10);
    const { accountId, accountFence } = created[4]!.reference;
    await stores.characters.create({ accountId, accountFence, world, slot: 1, name: freshName(), position });
    const none = await createAccount(stores);
    sent = [];
    const asked = [...created.map(({ reference }) => reference), { accountId: none, world }];
    const lists = await Promise.all(asked.map(stores.characters.list));
    expect(lists.map(([first]) => first?.charId)).toEqual([
      ...created.map(({ reference }) => reference.charId),
      undefined,
    ]);
    expect(lists.map(({ length }) => length)).toEqual([1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 0]);
    expect(sent).toEqual(["character-list"]);
  });

  test("taken characters", async () => {
    const created = await manyCharacters(8);
    const asked = takes(created);
    asked[1]!.accountFence = Fence(7);
    asked[2]!.charFence = Fence(7);
    asked[3]!.charId = created[4]!.reference.charId;
    asked[5]!.world = "Other";
    sent = [];
    const taken = await Promise.all(asked.map(stores.characters.take));
    const none = refusedWith("no-such-character");
    expect(taken).toEqual([ok, lost, refusedWith("raised-meanwhile"), none, ok, none, ok, ok]);
    expect(sent.filter((name) => name === "character-take")).toHaveLength(1);
    expect(sent.filter((name) => name === "character-take-alone")).toHaveLength(4);
    const own = ({ reference }: (typeof created)[number]) =>
      stores.characters.save({ ...toSave(reference.charId) });
    const saved = await Promise.all(created.map(own));
    expect(saved.map((each) => each.ok)).toEqual([true, false, false, false, true, false, true, true]);
  });

  test("two characters of one account, of which only one can be taken", async () => {
    const { reference } = await createCharacter(stores);
    const { accountId, accountFence } = reference;
    const made = await stores.characters.create({
      accountId,
      accountFence,
      world,
      slot: 1,
      name: freshName(),
      position,
    });
    if (!made.ok) throw new Error(made.refusal);
    const of = { ...reference, charFence: Fence(0) };
    const taken = await Promise.all([
      stores.characters.take({ ...of, owner: "map-1" }),
      stores.characters.take({ ...of, charId: made.value.charId, owner: "map-2" }),
    ]);
    expect(taken).toEqual([ok, refusedWith("raised-meanwhile")]);
  });
});

/** Each statement lets another transaction lock a row. `$1` is the id of the first of five characters. */
const lockedRows = {
  account:
    "SELECT FROM accounts JOIN characters ON account_id = accounts.id WHERE characters.id = $1 FOR UPDATE",
  character: "SELECT FROM characters WHERE id = $1 FOR UPDATE",
  "another character of the account":
    "SELECT FROM characters AS other JOIN characters USING (account_id) WHERE characters.id = $1 AND other.id <> $1 FOR UPDATE OF other",
};

describe("while another transaction has a row locked, only the call about that row waits:", () => {
  type Created = Awaited<ReturnType<typeof manyCharacters>>;
  const calls = {
    "raise the fence": (of: Created) =>
      of.map(({ reference }) => stores.accounts.raiseFence(reference.accountId)),
    "note the login": (of: Created) =>
      of.map(({ reference }) =>
        stores.accounts.noteLogin({ accountId: reference.accountId, fence: reference.accountFence }),
      ),
    take: (of: Created) => takes(of).map(stores.characters.take),
  };
  test.each<readonly [keyof typeof calls, keyof typeof lockedRows]>([
    ["raise the fence", "account"],
    ["note the login", "account"],
    ["take", "account"],
    ["take", "character"],
    ["take", "another character of the account"],
  ])("%s, %s", async (call, row) => {
    const created = await manyCharacters(5);
    const { accountId, accountFence, charId } = created[0]!.reference;
    await stores.characters.create({ accountId, accountFence, world, slot: 1, name: freshName(), position });
    await client.query("BEGIN");
    expect((await client.query(lockedRows[row], [charId])).rowCount).toBe(1);
    const [waiting, ...others] = calls[call](created);
    expect(await Promise.all(others)).toEqual([ok, ok, ok, ok]);
    await untilWaiting();
    await client.query("COMMIT");
    expect(await waiting).toEqual(ok);
  });

  test("save many", async () => {
    const created = await manyCharacters(3);
    await Promise.all(takes(created).map(stores.characters.take));
    const ids = created.map(({ reference }) => reference.charId);
    await client.query("BEGIN");
    await client.query(lockedRows.character, [ids[0]]);
    const saving = stores.characters.saveMany(ids.map(toSave));
    await untilWaiting();
    const stored = "SELECT id FROM characters WHERE id = ANY($1) AND save_number = 1 ORDER BY id";
    await until(async () => (await client.query(stored, [ids])).rowCount === 2, {
      what: "the others are saved",
    });
    await client.query("COMMIT");
    expect(await saving).toEqual(new Map());
    expect((await client.query(stored, [ids])).rowCount).toBe(3);
  });
});

async function untilWaiting(): Promise<void> {
  const waits =
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
  await until(async () => (await client.query(waits)).rowCount === 1, { what: "a statement waits" });
}

test("batches about the same accounts, in any order and from several processes, never end in a deadlock", async () => {
  const created = await manyCharacters(40);
  const processes = await Promise.all([1, 2, 3].map(() => openDatabase({ url, connections: 2 })));
  const turned = [created, [...created].reverse(), [...created.slice(20), ...created.slice(0, 20)]];
  for (let round = 0; round < 5; round += 1) {
    await Promise.all(
      processes.map(async (each, nth) => {
        const { accounts, characters } = storesOn(each);
        const of = turned[nth]!;
        await Promise.all([
          ...of.map(({ reference }) => accounts.raiseFence(reference.accountId)),
          ...of.map(({ reference }) =>
            characters.take({ ...reference, charFence: Fence(0), owner: "map-1" }),
          ),
          characters.saveMany(of.map(({ reference }) => toSave(reference.charId))),
        ]);
      }),
    );
  }
  for (const each of processes) await each.close();
  const { rows } = await client.query<{ fence: number }>(
    "SELECT lock_fence::int AS fence FROM accounts WHERE id = ANY($1)",
    [created.map(({ reference }) => reference.accountId)],
  );
  expect(rows.map(({ fence }) => fence)).toEqual(created.map(() => 1 + 3 * 5));
});

test("Postgres plans a statement once for each connection, however many calls share it", async () => {
  const single = await openDatabase({ url, connections: 1 });
  const { characters } = storesOn(single);
  const [created] = await manyCharacters(1);
  const { accountId } = created!.reference;
  for (let count = 1; count <= 12; count += 1) {
    await Promise.all(Array.from({ length: count }, () => characters.list({ accountId, world })));
  }
  const plans = {
    name: "plans",
    text: "SELECT custom_plans::int FROM pg_prepared_statements WHERE name = $1",
  };
  expect(await single.query(plans, ["character-list"])).toEqual([{ custom_plans: 0 }]);
  await single.close();
});
