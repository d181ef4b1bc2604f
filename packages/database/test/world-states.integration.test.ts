import { testDatabase, until } from "@sallyport/testkit";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  createWorldStateStore,
  type Database,
  migrate,
  openDatabase,
  type WorldStateStore,
} from "../src/index.ts";
import { world } from "./sample-rows.ts";

/* These tests do what operators and other programs do to the table of world states. */

let drop: () => Promise<void>;
let database: Database;
let operator: pg.Client;
let states: WorldStateStore;
beforeAll(async () => {
  const testing = await testDatabase({ migrate, template: "sallyport" });
  drop = testing.drop;
  database = await openDatabase({ url: testing.url });
  states = createWorldStateStore(database);
  operator = new pg.Client({ connectionString: testing.url });
  await operator.connect();
});
beforeEach(() => operator.query("DELETE FROM world_states"));
afterAll(async () => {
  await operator.end();
  await database.close();
  await drop();
});

const change = (version: number, value: number, number: number) =>
  states.change(world, "sign", { version, value, writeId: { writer: "map-1", number } });
const conflict = { ok: false, refusal: "conflict" };

test("a key that an operator deletes begins anew, and its earlier versions stay refused", async () => {
  const first = await change(0, 1, 1);
  if (!first.ok) throw new Error(first.refusal);
  await operator.query("DELETE FROM world_states WHERE world = $1 AND key = 'sign'", [world]);
  expect(await states.read(world, ["sign"])).toEqual(new Map());
  expect(await change(first.value.version, 2, 2)).toEqual(conflict);
  const again = await change(0, 3, 3);
  if (!again.ok) throw new Error(again.refusal);
  expect(again.value.version).toBeGreaterThan(first.value.version);
  expect(await change(first.value.version, 4, 4)).toEqual(conflict);
});

test("an operator can insert a value, and servers change it", async () => {
  await operator.query("INSERT INTO world_states (world, key, value) VALUES ($1, 'sign', '7')", [world]);
  const { version = 0, value } = (await states.read(world, ["sign"])).get("sign") ?? {};
  expect(value).toBe(7);
  expect(await change(version, 8, 1)).toMatchObject({ ok: true });
});

test("a value that an operator sets gets a version of its own", async () => {
  const first = await change(0, 1, 1);
  if (!first.ok) throw new Error(first.refusal);
  await operator.query("UPDATE world_states SET value = '7' WHERE world = $1 AND key = 'sign'", [world]);
  const { version = 0, value } = (await states.read(world, ["sign"])).get("sign") ?? {};
  expect(value).toBe(7);
  expect(version).toBeGreaterThan(first.value.version);
  expect(await change(first.value.version, 2, 2)).toEqual(conflict);
});

test.each([
  ["value", "'1e400'"],
  ["value", "to_jsonb(repeat('x', 70000))"],
  ["version", "9223372036854775807"],
  ["version", "-1"],
])("a %s that no server can use, such as %s, is reported, and other keys are read", async (column, value) => {
  await change(0, 1, 1);
  await states.change(world, "door", { version: 0, value: 2, writeId: { writer: "map-1", number: 2 } });
  await operator.query(`UPDATE world_states SET ${column} = ${value} WHERE key = 'sign'`);
  const read = await states.read(world, ["sign", "door"]);
  expect(read.get("sign")).toMatchObject({ value: undefined });
  expect(read.get("door")).toMatchObject({ value: 2 });
});

test("a change waits for a locked row, and is judged by the row as the other left it", async () => {
  const first = await change(0, 1, 1);
  if (!first.ok) throw new Error(first.refusal);
  await operator.query("BEGIN");
  await operator.query("UPDATE world_states SET value = '5'");
  const waiting = change(first.value.version, 2, 2);
  await untilWaiting();
  await operator.query("COMMIT");
  expect(await waiting).toEqual(conflict);
  expect((await states.read(world, ["sign"])).get("sign")).toMatchObject({ value: 5 });
});

test("a first write that is repeated while the earlier request is still in progress is carried out once", async () => {
  await operator.query("BEGIN");
  await operator.query(
    `INSERT INTO world_states (world, key, version, value, write_ids)
      VALUES ($1, 'sign', 3, '1', '{"map-1": [1, 3]}')`,
    [world],
  );
  const repeated = change(0, 1, 1);
  await untilWaiting();
  await operator.query("COMMIT");
  expect(await repeated).toEqual({ ok: true, value: { version: 3, isNew: false } });
});

async function untilWaiting(): Promise<void> {
  const waits =
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
  await until(async () => (await operator.query(waits)).rowCount === 1, { what: "the change waits" });
}
