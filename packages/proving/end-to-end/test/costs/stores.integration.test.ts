import {
  createAccountStore,
  createCharacterStore,
  type Database,
  migrate,
  openDatabase,
} from "@sallyport/database";
import { accountLockKey } from "@sallyport/lock-core";
import { openRedisLockStore } from "@sallyport/lock-store/redis";
import { type TestDatabase, testDatabase, testRedis, until } from "@sallyport/testkit";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectCosts } from "./cost-table.ts";
import { scriptsOfCalls } from "./meter.ts";

/* Counts the commands that the stores send to Redis and Postgres for each call in `costs.test.ts`. */

const redisPlace = testRedis();
let testPostgres: TestDatabase;
let postgres: Database;
beforeAll(async () => {
  testPostgres = await testDatabase({ migrate: (url) => migrate(url) });
  postgres = await openDatabase({ url: testPostgres.url });
});
afterAll(async () => {
  await postgres.close();
  await testPostgres.drop();
  await redisPlace.clear();
});

/** Returns by how much `count` rises during each call. */
async function counting(
  count: () => Promise<number> | number,
  calls: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<Record<string, { asked: number }>> {
  const rows: Record<string, { asked: number }> = {};
  for (const [name, call] of Object.entries(calls)) {
    const before = await count();
    await call();
    rows[name] = { asked: (await count()) - before };
  }
  return rows;
}

test("a call of the lock store runs as many scripts in Redis as the table says", async () => {
  const { url, prefix } = redisPlace;
  const store = await openRedisLockStore({ url, prefix, space: "login" });
  const redis = new Redis(url);
  const monitor = await redis.monitor();
  let commands = 0;
  let marks = 0;
  monitor.on("monitor", (_time: string, args: readonly string[], source: string) => {
    if (source === "lua" || !args.some((arg) => arg.includes(prefix))) return;
    if (args[0]?.toLowerCase() === "get") marks += 1;
    else commands += 1;
  });
  /** MONITOR reports commands in the order in which Redis carried them out. */
  const count = async (): Promise<number> => {
    const mark = marks + 1;
    await redis.get(`${prefix}mark`);
    await until(() => marks === mark, { what: "all is reported" });
    return commands;
  };
  const key = accountLockKey(1);
  const change = { key, value: "{}", deadline: { atMs: 1 }, owner: "alpha-1" };
  const changed = async (): Promise<number> => {
    const { lock } = await store.load(key);
    return lock?.version ?? 0;
  };
  // Redis knows the scripts after this call.
  await store.compareAndSet({ ...change, expectedVersion: 0 });
  await Promise.all([store.load(key), store.due(100), store.ownedBy("alpha-1", null, 100)]);
  const version = await changed();
  const rows = await counting(count, {
    load: () => store.load(key),
    compareAndSet: () => store.compareAndSet({ ...change, expectedVersion: version }),
    due: () => store.due(100),
    ownedBy: () => store.ownedBy("alpha-1", null, 100),
    "100 of load and compareAndSet in one turn": () =>
      Promise.all(
        Array.from({ length: 50 }, (_, nth) => {
          const other = accountLockKey(2 + nth);
          return Promise.all([
            store.load(other),
            store.compareAndSet({ ...change, key: other, expectedVersion: 0 }),
          ]);
        }),
      ),
  });
  monitor.disconnect();
  redis.disconnect();
  await store.close();
  expectCosts(scriptsOfCalls, rows);
});

test("a call of the stores runs as many statements in Postgres as the table says", async () => {
  let statements = 0;
  const counted: Database = {
    query: (...of) => {
      statements += 1;
      return postgres.query(...of);
    },
    close: () => postgres.close(),
  };
  const [accounts, characters] = [createAccountStore(counted), createCharacterStore(counted)];
  const keys = { salt: new Uint8Array(16), storedKey: new Uint8Array(32), serverKey: new Uint8Array(32) };
  const credential = { ...keys, memoryKib: 8, iterations: 1, parallelism: 1 };
  const made = await accounts.create({ name: "alice", sex: "female", credential });
  if (!made.ok) throw new Error(made.refusal);
  const { accountId } = made.value;
  const raised = await accounts.raiseFence(accountId);
  if (!raised.ok) throw new Error(raised.refusal);
  const accountFence = raised.value.fence;
  const world = "Alpha";
  const position = { map: "harbour", x: 1, y: 2 };
  const character = { accountId, accountFence, world, slot: 0, name: "alice", position };
  const created = await characters.create(character);
  if (!created.ok) throw new Error(created.refusal);
  const { charId, fence: charFence } = created.value;
  const of = { charId, accountId, accountFence, world };
  const must = async (outcome: Promise<{ readonly ok: boolean }>): Promise<void> =>
    expect(await outcome).toMatchObject({ ok: true });
  let fence = charFence;
  const state = { position, attributes: {} };
  const save = (saveNumber: number) => ({ charId, world, owner: "map-1", fence, saveNumber, state });
  const rows = await counting(() => statements, {
    findByName: () => accounts.findByName("alice"),
    noteLogin: () => must(accounts.noteLogin({ accountId, fence: accountFence })),
    list: () => characters.list({ accountId, world }),
    create: () => must(characters.create({ ...character, slot: 1, name: "bob" })),
    take: async () => {
      const taken = await characters.take({ ...of, charFence, owner: "map-1" });
      if (!taken.ok) throw new Error(taken.refusal);
      fence = taken.value.fence;
    },
    save: () => must(characters.save(save(1))),
    saveMany: async () => expect(await characters.saveMany([save(2)])).toEqual(new Map()),
    pass: async () => {
      const passed = await characters.pass(save(3), "map-2");
      if (!passed.ok) throw new Error(passed.refusal);
      fence = passed.value.fence;
    },
    delete: () => must(characters.delete({ ...of, charFence: fence })),
    raiseFence: () => must(accounts.raiseFence(accountId, accountFence)),
  });
  expectCosts("Statements in Postgres of a call of the stores", rows);
});
