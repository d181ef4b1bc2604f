import { Fence, type JsonObject, type OwnedCharacter, Unavailable } from "@sallyport/domain";
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
import {
  bySaver,
  createAccount,
  createCharacter,
  credential,
  freshName,
  listed,
  plain,
  position,
  type Stores,
  stateWith,
  storesOn,
  take,
  world,
} from "./sample-rows.ts";

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
/** If `isGivenUp` is true, the sender stops waiting while the statement is still on its way to Postgres. */
type Step =
  /** The char-server lists the character and loads it for one of the two owners. */
  | { readonly does: "take"; readonly for: Owner; readonly isGivenUp: boolean }
  | { readonly does: "delete"; readonly isGivenUp: boolean }
  /**
   * A server saves. With `its own`, the server uses the fence that it got itself. With `the fence`, it uses
   * the present fence of the character, which the other server may have got.
   */
  | {
      readonly does: (typeof saving)[number];
      readonly by: "owner" | "other";
      readonly knows: "its own" | "the fence";
      readonly isGivenUp: boolean;
    }
  /** One of the abandoned statements reaches Postgres. */
  | { readonly does: "late"; readonly which: number };

const isGivenUp = fc.boolean();
const takes: fc.Arbitrary<Step> = fc.record({
  does: fc.constant("take"),
  for: fc.constantFrom("blue", "red"),
  isGivenUp,
});
const deletes: fc.Arbitrary<Step> = fc.record({
  does: fc.constant("delete"),
  // Most deletions arrive late, because the program tests little after a deletion.
  isGivenUp: fc.constantFrom(true, true, true, true, true, true, true, false),
});
const saves: fc.Arbitrary<Step> = fc.record({
  does: fc.constantFrom(...saving, "save", "saveMany"),
  by: fc.constantFrom("owner", "owner", "other"),
  knows: fc.constantFrom("its own", "its own", "the fence"),
  isGivenUp,
});
const comesLate: fc.Arbitrary<Step> = fc.record({ does: fc.constant("late"), which: fc.nat(5) });
const steps = fc.array(
  fc.oneof(takes, deletes, saves, saves, saves, saves, saves, comesLate, comesLate, comesLate),
  { minLength: 10, maxLength: 50 },
);

/** This program covers the cases that random programs may miss. */
const everyCase: Step[] = [
  { does: "take", for: "blue", isGivenUp: false },
  { does: "save", by: "owner", knows: "its own", isGivenUp: true },
  { does: "save", by: "owner", knows: "its own", isGivenUp: false },
  { does: "late", which: 0 },
  { does: "save", by: "other", knows: "the fence", isGivenUp: false },
  { does: "take", for: "blue", isGivenUp: true },
  { does: "pass", by: "owner", knows: "its own", isGivenUp: false },
  { does: "late", which: 0 },
  { does: "save", by: "other", knows: "its own", isGivenUp: false },
  { does: "delete", isGivenUp: true },
  { does: "take", for: "red", isGivenUp: false },
  { does: "late", which: 0 },
  { does: "delete", isGivenUp: false },
];

const otherThan = (name: Owner): Owner => (name === "blue" ? "red" : "blue");

const storedOf = {
  name: "test-stored",
  text: `SELECT lock_fence::int AS fence, lock_owner AS owner, save_number::int AS number, attributes
    FROM characters WHERE id = $1`,
};

test("only the newest save of the newest owner stays, in any order of two owners' statements", async () => {
  const seen = {
    ...{ stored: 0, late: 0, older: 0, refused: 0, guessed: 0, passed: 0 },
    ...{ taken: 0, "not taken": 0, deleted: 0, "not deleted": 0 },
  };
  await fc.assert(
    fc.asyncProperty(steps, async (program) => {
      const { reference } = await createCharacter(stores);
      const { charId } = reference;
      const owners = {
        blue: { fence: Fence(0), saves: 0 },
        red: { fence: Fence(0), saves: 0 },
      };
      /** This is null if the character was deleted. */
      let stored: { fence: Fence; owner: Owner | null; number: number; attributes: JsonObject } | null = {
        ...{ fence: Fence(0), owner: null, number: 0 },
        attributes: {},
      };
      const givenUp: (() => Promise<void>)[] = [];
      const own = (name: Owner, fence: Fence): void => {
        if (stored !== null) stored = { ...stored, owner: name, fence, number: 0 };
        owners[name] = { fence, saves: 0 };
      };
      const takeFor = async (owner: Owner, of: Awaited<ReturnType<typeof listed>>): Promise<void> => {
        const isAsListed = stored?.fence === of.charFence;
        seen[isAsListed ? "taken" : "not taken"] += 1;
        const taken = await stores.characters.take({ ...of, owner });
        if (taken.ok) {
          expect(taken.value.attributes).toEqual(stored?.attributes);
          own(owner, taken.value.fence);
        } else expect(taken.refusal).toBe(stored === null ? "no-such-character" : "raised-meanwhile");
        expect(taken.ok).toBe(isAsListed);
      };
      const remove = async (of: Awaited<ReturnType<typeof listed>>): Promise<void> => {
        const isAsListed = stored?.fence === of.charFence;
        seen[isAsListed ? "deleted" : "not deleted"] += 1;
        expect((await stores.characters.delete(of)).ok).toBe(isAsListed);
        if (isAsListed) stored = null;
      };
      const save = async (how: (typeof saving)[number], of: CharacterSave): Promise<void> => {
        const isUnderIts = stored?.fence === of.fence && of.fence > 0;
        const isIts = isUnderIts && stored?.owner === of.owner;
        const isNewer = isIts && of.saveNumber > (stored?.number ?? 0);
        seen[isNewer ? "stored" : isIts ? "older" : isUnderIts ? "guessed" : "refused"] += 1;
        const { attributes } = of.state;
        if (isNewer && stored !== null) stored = { ...stored, number: of.saveNumber, attributes };
        if (how === "pass") {
          const to = otherThan(of.owner as Owner);
          const passed = await stores.characters.pass(of, to);
          expect(passed.ok).toBe(isNewer);
          if (!passed.ok) return;
          seen.passed += 1;
          return own(to, passed.value.fence);
        }
        const isAccepted =
          how === "save"
            ? (await stores.characters.save(of)).ok
            : !(await stores.characters.saveMany(how === "saveTwice" ? [of, of] : [of])).has(charId);
        expect(isAccepted).toBe(isIts);
      };
      const statementOf = async (
        step: Exclude<Step, { does: "late" }>,
        index: number,
      ): Promise<() => Promise<void>> => {
        if (step.does === "take" || step.does === "delete") {
          const of = await listed(stores, reference);
          return () => (step.does === "take" ? takeFor(step.for, of) : remove(of));
        }
        const newest = stored?.owner ?? "blue";
        const owner = step.by === "owner" ? newest : otherThan(newest);
        const its = owners[owner];
        its.saves += 1;
        const fence = step.knows === "its own" ? its.fence : (stored?.fence ?? its.fence);
        // A save under the fence of the other server gets a high number too. So nothing but the owner name is
        // wrong.
        const saveNumber = fence === its.fence ? its.saves : 1_000 + its.saves;
        const state = stateWith({ by: owner, index });
        return () => save(step.does, { charId, world, owner, fence, saveNumber, state });
      };
      for (const [index, step] of program.entries()) {
        if (step.does === "late") {
          const [late] = givenUp.splice(step.which % Math.max(1, givenUp.length), 1);
          if (late === undefined) continue;
          seen.late += 1;
          await late();
        } else {
          const statement = await statementOf(step, index);
          if (step.isGivenUp) givenUp.push(statement);
          else await statement();
        }
        expect(await database.query(storedOf, [charId])).toEqual(stored === null ? [] : [stored]);
      }
    }),
    { numRuns: 60, examples: [[everyCase]] },
  );
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(0);
});

/** All statements run at once, in any order. A new owner must find the last save of the previous owner. */
test("no other save is stored after an owner has loaded", async () => {
  const seen = { landed: 0, refused: 0 };
  for (let round = 0; round < 20; round += 1) {
    const { reference } = await createCharacter(stores);
    const { charId } = reference;
    const taken: OwnedCharacter[] = [];
    const landed: { fence: number; count: number }[] = [];
    const live = async (): Promise<void> => {
      let mine = await take(stores, reference);
      while (!mine.ok && mine.refusal === "raised-meanwhile") mine = await take(stores, reference);
      if (!mine.ok) throw new Error(mine.refusal);
      taken.push(mine.value);
      const { fence } = mine.value;
      for (let count = 1; count <= 5; count += 1) {
        const state = stateWith({ fence, count });
        const saved = await stores.characters.save({ ...bySaver, charId, fence, saveNumber: count, state });
        if (saved.ok) landed.push({ fence, count });
        seen[saved.ok ? "landed" : "refused"] += 1;
      }
    };
    await Promise.all(Array.from({ length: 6 }, live));
    const last = await take(stores, reference);
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

type Act = "take" | "save" | "saveMany" | "pass" | "delete";
/** `saved` is null if the character was deleted. */
test.each<[Act, number, Act, number, { isOk: boolean; saved: number | null }]>([
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
  ["take", 0, "take", 0, { isOk: false, saved: 0 }],
  ["take", 0, "delete", 0, { isOk: false, saved: 0 }],
  ["pass", 1, "take", 0, { isOk: false, saved: 1 }],
  ["pass", 1, "delete", 0, { isOk: false, saved: 1 }],
  ["saveMany", 1, "take", 0, { isOk: true, saved: 1 }],
  ["delete", 0, "take", 0, { isOk: false, saved: null }],
  ["delete", 0, "delete", 0, { isOk: false, saved: null }],
  ["delete", 0, "save", 1, { isOk: false, saved: null }],
])(
  "a statement that waited is judged by the row as the other left it: %s %i, then %s %i",
  async (first, firstNumber, second, secondNumber, { isOk, saved }) => {
    const { reference } = await createCharacter(stores);
    const { charId } = reference;
    await take(stores, reference);
    const ofListed = { ...(await listed(stores, reference)), owner: bySaver.owner };
    const act = async (characters: Stores["characters"], what: Act, saveNumber: number): Promise<boolean> => {
      const save = { ...bySaver, charId, fence: Fence(1), saveNumber, state: stateWith({ saveNumber }) };
      if (what === "take" || what === "delete") return (await characters[what](ofListed)).ok;
      if (what === "saveMany") return (await characters.saveMany([save])).size === 0;
      return (await (what === "pass" ? characters.pass(save, "map-2") : characters.save(save))).ok;
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
    const taken = await take(stores, reference);
    const attributes = saved === 0 ? {} : { saveNumber: saved };
    expect(taken).toMatchObject(
      saved === null ? { refusal: "no-such-character" } : { value: { attributes } },
    );
  },
);

test("a char-server's request from before it lost the account has no effect afterwards", async () => {
  const login = new pg.Client({ connectionString: url });
  await login.connect();
  for (const act of ["take", "delete", "create"] as const) {
    const { reference } = await createCharacter(stores);
    await login.query("BEGIN");
    await login.query("UPDATE accounts SET lock_fence = lock_fence + 1 WHERE id = $1", [reference.accountId]);
    const of = { ...(await listed(stores, reference)), owner: bySaver.owner };
    const late = stores.characters[act]({ ...of, slot: 3, name: freshName(), position });
    await untilWaiting(login, `${act} waits for the login`);
    await login.query("COMMIT");
    expect(await late).toEqual({ ok: false, refusal: "lock-lost" });
  }
  await login.end();
});

/** Statements of this name get no answer. They are sent when the test calls the functions in `held`. */
function holdingBack(name: string) {
  const held: (() => Promise<unknown>)[] = [];
  const query: Database["query"] = async (statement, values) => {
    if (statement.name !== name) return database.query(statement, values);
    held.push(() => database.query(statement, values));
    throw new Unavailable("not answered");
  };
  return { held, stores: storesOn({ ...database, query }) };
}

test("a ban that arrives after it was lifted has no effect, and neither has a late lifting", async () => {
  const nowMs = Date.now();
  const [first, second] = [nowMs + 60_000, nowMs + 120_000];
  for (const [late, newer] of [
    [first, null],
    [null, second],
    [first, second],
  ] as const) {
    const name = freshName();
    const accountId = await createAccount(stores, name);
    if (late === null) await stores.accounts.setBan({ accountId, untilMs: first });
    const { held, stores: slow } = holdingBack("account-set-ban");
    await expect(slow.accounts.setBan({ accountId, untilMs: late })).rejects.toThrow(Unavailable);
    expect(await stores.accounts.setBan({ accountId, untilMs: newer })).toMatchObject({ ok: true });
    for (const arrive of held) await arrive();
    expect(await stores.accounts.findByName(name)).toMatchObject({ bannedUntilMs: newer });
  }
});

test("a password that arrives after a newer one was set is not stored", async () => {
  const name = freshName();
  const accountId = await createAccount(stores, name);
  const { held, stores: slow } = holdingBack("account-replace-credential");
  const change = { accountId, replaced: credential(1) };
  const late = slow.accounts.replaceCredential({ ...change, credential: credential(2) });
  await expect(late).rejects.toThrow(Unavailable);
  await stores.accounts.replaceCredential({ ...change, credential: credential(3) });
  for (const arrive of held) await arrive();
  const { credential: kept } = (await stores.accounts.findByName(name)) ?? {};
  expect(plain(kept)).toEqual(plain(credential(3)));
});

test("a registration that arrives after another under its name changes nothing", async () => {
  const name = freshName();
  const { held, stores: slow } = holdingBack("account-create");
  const late = slow.accounts.create({ name, sex: "male", credential: credential(2) });
  await expect(late).rejects.toThrow(Unavailable);
  const accountId = await createAccount(stores, name);
  for (const arrive of held) await arrive();
  expect(await stores.accounts.findByName(name)).toMatchObject({ accountId, sex: "female" });
});

test("a row without an owner name takes a save under its fence, and then belongs to that server", async () => {
  const ways = {
    save: async (save: CharacterSave) => (await stores.characters.save(save)).ok,
    saveMany: async (save: CharacterSave) => (await stores.characters.saveMany([save])).size === 0,
    pass: async (save: CharacterSave) => (await stores.characters.pass(save, save.owner)).ok,
  };
  for (const [way, isStored] of Object.entries(ways)) {
    const { reference } = await createCharacter(stores);
    const { charId } = reference;
    await take(stores, reference);
    await database.query(
      { name: "test-as-before", text: "UPDATE characters SET lock_owner = NULL WHERE id = $1" },
      [charId],
    );
    const save = { ...bySaver, charId, fence: Fence(1), saveNumber: 1, state: stateWith({}) };
    expect(await isStored({ ...save, owner: "" }), way).toBe(false);
    expect(await isStored(save), way).toBe(true);
    const next = { ...save, fence: Fence(way === "pass" ? 2 : 1), saveNumber: 2 };
    expect(await isStored({ ...next, owner: "map-2" }), way).toBe(false);
    expect(await isStored(next), way).toBe(true);
  }
});
