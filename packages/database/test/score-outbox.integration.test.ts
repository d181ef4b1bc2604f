import { Fence, Unavailable } from "@sallyport/domain";
import { type TestDatabase, testDatabase, until } from "@sallyport/testkit";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCharacterStore, type Database, migrate, openDatabase, outboxDays } from "../src/index.ts";
import {
  bySaver,
  createCharacter,
  listed,
  lost,
  type Stores,
  stateWith,
  storesOn,
  take,
} from "./sample-rows.ts";
import { freshKey } from "./score-contract.ts";

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

const score = { board: "Shells", score: 3, comment: "" };
const stored = { name: "test-outbox", text: "SELECT key FROM score_outbox WHERE char_id = $1" };
const keysOf = async (charId: number): Promise<readonly string[]> =>
  (await database.query<{ key: string }>(stored, [charId])).map(({ key }) => key).sort();

const waits = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

test.each(["take", "pass", "move"] as const)(
  "a score that waited for a %s of its character is judged by the fence after it",
  async (how) => {
    const { reference } = await createCharacter(stores);
    const { charId } = reference;
    await take(stores, reference);
    const of = { ...bySaver, charId, fence: Fence(1) };
    const client = new pg.Client({ connectionString: testing.url });
    await client.connect();
    await client.query("BEGIN");
    const query: Database["query"] = async (statement, values) =>
      (await client.query({ ...statement, values: [...values] })).rows;
    const inTransaction = createCharacterStore({ ...database, query });
    const { charFence } = await listed(stores, reference);
    if (how === "take") await inTransaction.take({ ...reference, charFence, owner: "map-2" });
    else if (how === "pass")
      await inTransaction.pass({ ...of, saveNumber: 1, state: stateWith({}) }, "map-2");
    else await inTransaction.move({ ...reference, charFence, position: { map: "harbour", x: 1, y: 1 } });
    const late = stores.characters.submitScore({ ...of, key: freshKey(), score });
    await until(async () => (await client.query(waits)).rowCount === 1, { what: "the score waits" });
    await client.query("COMMIT");
    await client.end();
    expect(await late).toEqual(lost);
    expect(await keysOf(charId)).toEqual([]);
  },
);

test("a score that nobody took for a long time makes room for the next ones", async () => {
  const { reference } = await createCharacter(stores);
  const { charId } = reference;
  await take(stores, reference);
  const submit = (key: string) =>
    stores.characters.submitScore({ ...bySaver, charId, fence: Fence(1), key, score });
  const keys = [1, 2, 3, 4].map(freshKey);
  const [first, second, third, fourth] = keys as [string, string, string, string];
  for (const key of [first, second, third]) await submit(key);
  const age = `UPDATE score_outbox SET at = at - interval '${outboxDays + 1} days' WHERE key = ANY($1)`;
  await database.query({ name: "test-age", text: age }, [[first, second]]);
  await submit(fourth);
  expect(await keysOf(charId)).toEqual([third, fourth].sort());
});

test("a deleted account takes its scores along", async () => {
  const { reference } = await createCharacter(stores);
  const { charId, accountId } = reference;
  await take(stores, reference);
  await stores.characters.submitScore({ ...bySaver, charId, fence: Fence(1), key: freshKey(), score });
  await database.query({ name: "test-no-characters", text: "DELETE FROM characters WHERE id = $1" }, [
    charId,
  ]);
  expect(await keysOf(charId)).toHaveLength(1);
  await database.query({ name: "test-no-account", text: "DELETE FROM accounts WHERE id = $1" }, [accountId]);
  expect(await keysOf(charId)).toEqual([]);
});

test("a statement that Postgres carries out only after the character has a new owner stores nothing", async () => {
  const { reference } = await createCharacter(stores);
  const { charId } = reference;
  await take(stores, reference);
  const held: (() => Promise<unknown>)[] = [];
  const query: Database["query"] = async (statement, values) => {
    held.push(() => database.query(statement, values));
    throw new Unavailable("not answered");
  };
  const slow = createCharacterStore({ ...database, query });
  const late = { ...bySaver, charId, fence: Fence(1), key: freshKey(), score };
  await expect(slow.submitScore(late)).rejects.toThrow(Unavailable);
  await take(stores, reference, "map-2");
  for (const arrive of held) await arrive();
  expect(await keysOf(charId)).toEqual([]);
});
