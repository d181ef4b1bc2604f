import { Fence, type JsonObject, type OwnedCharacter } from "@sallyport/domain";
import { testDatabase, until } from "@sallyport/testkit";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type CharacterSave,
  createCharacterStore,
  type Database,
  migrate,
  openDatabase,
} from "../src/index.ts";
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
const saving = ["save", "saveMany", "saveTwice", "pass"] as const;
/** `isOwner`: by whoever owns the character; or by the other one. */
type Step = { readonly isOwner: boolean } & (
  | { readonly does: "take" }
  /** `isGivenUp`: on its way to Postgres, and not there yet. */
  | { readonly does: (typeof saving)[number]; readonly isGivenUp: boolean }
  /** What was given up comes, this one of it. */
  | { readonly does: "late"; readonly which: number }
);

const isOwner = fc.constantFrom(true, true, false);
const takes: fc.Arbitrary<Step> = fc.record({ isOwner, does: fc.constant("take") });
const saves: fc.Arbitrary<Step> = fc.record({
  isOwner,
  does: fc.constantFrom(...saving, "save", "saveMany"),
  isGivenUp: fc.boolean(),
});
const comesLate: fc.Arbitrary<Step> = fc.record({ isOwner, does: fc.constant("late"), which: fc.nat(5) });
const steps = fc.array(fc.oneof(takes, saves, saves, saves, saves, saves, comesLate, comesLate, comesLate), {
  minLength: 10,
  maxLength: 50,
});

const otherThan = (name: Owner): Owner => (name === "blue" ? "red" : "blue");

interface Save {
  readonly how: (typeof saving)[number];
  readonly save: CharacterSave;
}

const storedOf = {
  name: "test-stored",
  text: "SELECT lock_fence::int AS fence, save_number::int AS number, attributes FROM characters WHERE id = $1",
};

test("only the newest save of the newest owner stays, in whatever order two of them act and statements arrive", async () => {
  const seen = { stored: 0, late: 0, older: 0, refused: 0, passed: 0 };
  await fc.assert(
    fc.asyncProperty(steps, async (program) => {
      const { reference } = await createCharacter(stores);
      const { charId } = reference;
      const owners = {
        blue: { fence: Fence(0), saves: 0, givenUp: [] as Save[] },
        red: { fence: Fence(0), saves: 0, givenUp: [] as Save[] },
      };
      let newest: Owner = "blue";
      let stored = { fence: 0, number: 0, attributes: {} as JsonObject };
      const own = (name: Owner, fence: Fence): void => {
        stored = { ...stored, fence, number: 0 };
        Object.assign(owners[name], { fence, saves: 0 });
        newest = name;
      };
      const arrive = async (name: Owner, { how, save }: Save): Promise<void> => {
        const isIts = save.fence === stored.fence && save.fence > 0;
        const isNewer = isIts && save.saveNumber > stored.number;
        seen[isNewer ? "stored" : isIts ? "older" : "refused"] += 1;
        const { attributes } = save.state;
        if (isNewer) stored = { ...stored, number: save.saveNumber, attributes };
        if (how === "pass") {
          const passed = await stores.characters.pass(save);
          expect(passed.ok).toBe(isNewer);
          if (!passed.ok) return;
          seen.passed += 1;
          return own(otherThan(name), passed.value.fence);
        }
        const isAccepted =
          how === "save"
            ? (await stores.characters.save(save)).ok
            : !(await stores.characters.saveMany(how === "saveTwice" ? [save, save] : [save])).has(charId);
        expect(isAccepted).toBe(isIts);
      };
      for (const [index, step] of program.entries()) {
        const name = step.isOwner ? newest : otherThan(newest);
        const its = owners[name];
        if (step.does === "take") {
          const taken = await stores.characters.take(reference);
          if (!taken.ok) throw new Error(taken.refusal);
          expect(taken.value.attributes).toEqual(stored.attributes);
          own(name, taken.value.fence);
        } else if (step.does === "late") {
          const [late] = its.givenUp.splice(step.which % Math.max(1, its.givenUp.length), 1);
          if (late === undefined) continue;
          seen.late += 1;
          await arrive(name, late);
        } else {
          its.saves += 1;
          const state = stateWith({ by: name, index });
          const of = { how: step.does, save: { charId, fence: its.fence, saveNumber: its.saves, state } };
          if (step.isGivenUp) its.givenUp.push(of);
          else await arrive(name, of);
        }
        expect(await database.query(storedOf, [charId])).toEqual([stored]);
      }
    }),
    { numRuns: 60 },
  );
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(0);
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
        const saved = await stores.characters.save({ charId, fence, saveNumber: count, state });
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

const waits = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
const untilWaiting = (client: pg.Client, what: string) =>
  until(async () => (await client.query(waits)).rowCount === 1, { what });

type Act = "take" | "save" | "saveMany" | "pass";
test.each<[Act, number, Act, number, { isOk: boolean; saved: number }]>([
  ["saveMany", 2, "saveMany", 1, { isOk: true, saved: 2 }],
  ["saveMany", 2, "save", 1, { isOk: true, saved: 2 }],
  ["saveMany", 2, "pass", 1, { isOk: false, saved: 2 }],
  ["saveMany", 1, "saveMany", 2, { isOk: true, saved: 2 }],
  ["saveMany", 1, "pass", 2, { isOk: true, saved: 2 }],
  ["pass", 2, "saveMany", 1, { isOk: false, saved: 2 }],
  ["pass", 1, "saveMany", 2, { isOk: false, saved: 1 }],
  ["pass", 1, "save", 2, { isOk: false, saved: 1 }],
  ["pass", 1, "pass", 2, { isOk: false, saved: 1 }],
  ["take", 0, "saveMany", 1, { isOk: false, saved: 0 }],
  ["take", 0, "save", 1, { isOk: false, saved: 0 }],
  ["take", 0, "pass", 1, { isOk: false, saved: 0 }],
])(
  "a statement that waited is judged by what it waited for: %s %i, then %s %i",
  async (first, firstNumber, second, secondNumber, { isOk, saved }) => {
    const { reference } = await createCharacter(stores);
    const { charId } = reference;
    await stores.characters.take(reference);
    const act = async (characters: Stores["characters"], what: Act, saveNumber: number): Promise<boolean> => {
      const save = { charId, fence: Fence(1), saveNumber, state: stateWith({ saveNumber }) };
      if (what === "take") return (await characters.take(reference)).ok;
      if (what === "saveMany") return (await characters.saveMany([save])).size === 0;
      return (await characters[what](save)).ok;
    };
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query("BEGIN");
    const query: Database["query"] = async (statement, values) =>
      (await client.query({ ...statement, values: [...values] })).rows;
    expect(await act(createCharacterStore({ ...database, query }), first, firstNumber)).toBe(true);
    const waiting = act(stores.characters, second, secondNumber);
    await untilWaiting(client, `${second} waits for ${first}`);
    await client.query("COMMIT");
    await client.end();
    expect(await waiting).toBe(isOk);
    const taken = await stores.characters.take(reference);
    expect(taken).toMatchObject({ value: { attributes: saved === 0 ? {} : { saveNumber: saved } } });
  },
);

test("a char-server that asked before it lost the account cannot act after it", async () => {
  const login = new pg.Client({ connectionString: url });
  await login.connect();
  for (const act of ["take", "delete", "create"] as const) {
    const { reference } = await createCharacter(stores);
    await login.query("BEGIN");
    await login.query("UPDATE accounts SET lock_fence = lock_fence + 1 WHERE id = $1", [reference.accountId]);
    const late = stores.characters[act]({ ...reference, slot: 3, name: freshName(), position });
    await untilWaiting(login, `${act} waits for the login`);
    await login.query("COMMIT");
    expect(await late).toEqual({ ok: false, refusal: "lock-lost" });
  }
  await login.end();
});
