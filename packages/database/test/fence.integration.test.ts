import { Fence, type JsonObject, type OwnedCharacter } from "@sallyport/domain";
import { testDatabase, until } from "@sallyport/testkit";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Database, migrate, openDatabase } from "../src/index.ts";
import { createCharacter, freshName, position, type Stores, stateWith, storesOn } from "./sample-rows.ts";

let stores: Stores;
let database: Database;
let url: string;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ url, drop } = await testDatabase({ migrate, template: "sallyport" }));
  database = await openDatabase({ url });
  stores = storesOn(database);
});
afterAll(async () => {
  await database.close();
  await drop();
});

type Owner = "blue" | "red";
interface Step {
  readonly owner: Owner;
  readonly does: "take" | "pass" | "save" | "saveMany" | "saveTwice";
}

const steps = fc.array(
  fc.record<Step>({
    owner: fc.constantFrom("blue", "red"),
    does: fc.constantFrom("take", "pass", "save", "save", "saveMany", "saveTwice"),
  }),
  { minLength: 2, maxLength: 30 },
);

test("only the saves of the newest owner land, in whatever order two of them act", async () => {
  const seen = { landed: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(steps, async (program) => {
      const { reference } = await createCharacter(stores);
      const { charId } = reference;
      const fences: Record<Owner, Fence> = { blue: Fence(0), red: Fence(0) };
      let newest: Owner | undefined;
      let expected: JsonObject = {};
      for (const [index, { owner, does }] of program.entries()) {
        if (does === "take") {
          const taken = await stores.characters.take(reference);
          if (!taken.ok) throw new Error(taken.refusal);
          expect(taken.value.attributes).toEqual(expected);
          fences[owner] = taken.value.fence;
          newest = owner;
          continue;
        }
        const save = { charId, fence: fences[owner], state: stateWith({ owner, index }) };
        if (does === "pass") {
          const passed = await stores.characters.pass(save);
          expect(passed.ok).toBe(owner === newest);
          if (!passed.ok) continue;
          newest = owner === "blue" ? "red" : "blue";
          fences[newest] = passed.value.fence;
          expected = { owner, index };
          continue;
        }
        const landed =
          does === "save"
            ? (await stores.characters.save(save)).ok
            : !(await stores.characters.saveMany(does === "saveTwice" ? [save, save] : [save])).has(charId);
        expect(landed).toBe(owner === newest);
        if (landed) expected = { owner, index };
        seen[landed ? "landed" : "refused"] += 1;
      }
      const last = await stores.characters.take(reference);
      expect(last).toMatchObject({ ok: true, value: { attributes: expected } });
    }),
    { numRuns: 60 },
  );
  expect(seen.landed).toBeGreaterThan(0);
  expect(seen.refused).toBeGreaterThan(0);
});

/**
 * Everything at once, so nobody knows the order; but whoever takes the character must find what the owner before it
 * saved last, and nothing may land after the next owner has loaded.
 */
test("nothing lands behind the back of an owner that has loaded", async () => {
  const seen = { landed: 0, refused: 0 };
  for (let round = 0; round < 20; round += 1) {
    const { reference } = await createCharacter(stores);
    const { charId } = reference;
    const taken: OwnedCharacter[] = [];
    const landed: { fence: number; count: number }[] = [];
    const live = async (): Promise<void> => {
      const mine = await stores.characters.take(reference);
      if (!mine.ok) throw new Error(mine.refusal);
      taken.push(mine.value);
      const { fence } = mine.value;
      for (let count = 1; count <= 5; count += 1) {
        const state = stateWith({ fence, count });
        const saved = await stores.characters.save({ charId, fence, state });
        if (saved.ok) landed.push({ fence, count });
        seen[saved.ok ? "landed" : "refused"] += 1;
      }
    };
    await Promise.all(Array.from({ length: 6 }, live));
    const last = await stores.characters.take(reference);
    if (last.ok) taken.push(last.value);

    taken.sort((a, b) => a.fence - b.fence);
    expect(taken.map(({ fence }) => fence)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    for (const { fence, attributes } of taken) {
      const before = landed.filter((save) => save.fence < fence);
      const newestFence = Math.max(...before.map((save) => save.fence));
      const count = Math.max(
        ...before.filter((save) => save.fence === newestFence).map((save) => save.count),
      );
      expect(attributes).toEqual(before.length === 0 ? {} : { fence: newestFence, count });
    }
  }
  expect(seen.landed).toBeGreaterThan(0);
  expect(seen.refused).toBeGreaterThan(0);
});

test("a char-server that asked before it lost the account cannot act after it", async () => {
  const login = new pg.Client({ connectionString: url });
  await login.connect();
  for (const act of ["take", "delete", "create"] as const) {
    const { reference } = await createCharacter(stores);
    await login.query("BEGIN");
    await login.query("UPDATE accounts SET lock_fence = lock_fence + 1 WHERE id = $1", [reference.accountId]);
    const late = stores.characters[act]({ ...reference, slot: 3, name: freshName(), position });
    const waits =
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    await until(async () => (await login.query(waits)).rowCount === 1, {
      what: `${act} waits for the login`,
    });
    await login.query("COMMIT");
    expect(await late).toEqual({ ok: false, refusal: "lock-lost" });
  }
  await login.end();
});
