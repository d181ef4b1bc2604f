import { AccountId, type CharacterState, CharId, Fence, type JsonObject } from "@sallyport/domain";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type AccountStore,
  type CharacterStore,
  type Credential,
  createAccountStore,
  createCharacterStore,
  type Database,
} from "../src/index.ts";

export const position = { map: "harbour", x: 10, y: 20 };
export const world = "Test";

export interface Stores {
  readonly accounts: AccountStore;
  readonly characters: CharacterStore;
}

export interface OpenedStores {
  readonly stores: Stores;
  close(): Promise<void>;
}

export function storesOn(database: Database): Stores {
  return { accounts: createAccountStore(database), characters: createCharacterStore(database) };
}

export function credential(fill = 1): Credential {
  return {
    salt: new Uint8Array(16).fill(fill),
    memoryKib: 19_456,
    iterations: 2,
    parallelism: 1,
    storedKey: new Uint8Array(32).fill(fill),
    serverKey: new Uint8Array(32).fill(fill + 1),
  };
}

/** Without the difference between a Buffer and any other bytes. */
const plain = (value: Credential | undefined) =>
  value && {
    ...value,
    salt: [...value.salt],
    storedKey: [...value.storedKey],
    serverKey: [...value.serverKey],
  };

let namesGiven = 0;
/** Names that no other test uses. */
export const freshName = (): string => `name_${process.pid}_${++namesGiven}`;

export async function createAccount({ accounts }: Stores, name = freshName()): Promise<AccountId> {
  const created = await accounts.create({ name, sex: "female", credential: credential() });
  if (!created.ok) throw new Error(created.refusal);
  return created.value.accountId;
}

export async function raise({ accounts }: Stores, accountId: AccountId): Promise<Fence> {
  const raised = await accounts.raiseFence(accountId);
  if (!raised.ok) throw new Error(raised.refusal);
  return raised.value.fence;
}

/** An account with a fence and one character, as its char-server would name it. */
export async function createCharacter(stores: Stores, slot = 0) {
  const accountId = await createAccount(stores);
  const accountFence = await raise(stores, accountId);
  const name = freshName();
  const created = await stores.characters.create({ accountId, accountFence, world, slot, name, position });
  if (!created.ok) throw new Error(created.refusal);
  return { name, reference: { accountId, accountFence, world, charId: created.value.charId } };
}

export const stateWith = (attributes: JsonObject): CharacterState => ({ position, attributes });

/** What every pair of stores must do, wherever it keeps its rows. */
export function storeContract(name: string, open: () => Promise<OpenedStores>): void {
  describe(name, () => {
    let opened: OpenedStores;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());

    describe("accounts", () => accountContract(() => opened.stores));
    describe("characters", () => characterContract(() => opened.stores));
  });
}

function accountContract(stores: () => Stores): void {
  test("finds an account by its name in any case, as it was registered", async () => {
    const { accounts } = stores();
    const name = `Mixed_${freshName()}`;
    const accountId = await createAccount(stores(), name);
    const found = await accounts.findByName(name.toUpperCase());
    expect(found).toMatchObject({ accountId, name, sex: "female", bannedUntilMs: null });
    expect(plain(found?.credential)).toEqual(plain(credential()));
    expect(await accounts.findByName(`${name}x`)).toBe(null);
  });

  test("of a hundred that register one name at once, lets exactly one have it", async () => {
    const { accounts } = stores();
    const name = freshName();
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        accounts.create({
          name: index % 2 === 0 ? name : name.toUpperCase(),
          sex: "male",
          credential: credential(),
        }),
      ),
    );
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    const refusals = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.refusal]));
    expect(new Set(refusals)).toEqual(new Set(["name-taken"]));
  });

  test("raises the fence by one for each owner, and tells of the login before", async () => {
    const { accounts } = stores();
    const accountId = await createAccount(stores());
    const before = Date.now();
    const first = await accounts.raiseFence(accountId);
    const second = await accounts.raiseFence(accountId);
    expect(first).toMatchObject({ ok: true, value: { fence: 1, lastLoginMs: null, sex: "female" } });
    expect(second).toMatchObject({ ok: true, value: { fence: 2, lastLoginMs: expect.any(Number) } });
    const lastLoginMs = second.ok ? second.value.lastLoginMs : null;
    expect(lastLoginMs).toBeGreaterThan(before - 60_000);
    expect(await accounts.raiseFence(AccountId(1))).toEqual({ ok: false, refusal: "no-such-account" });
  });

  test("raises the fence from where it was seen only, so that a late raise takes nothing from anybody", async () => {
    const { accounts } = stores();
    const name = freshName();
    const accountId = await createAccount(stores(), name);
    const seen = (await accounts.findByName(name))?.fence;
    expect(seen).toBe(0);
    const raised = await accounts.raiseFence(accountId, seen);
    expect(raised).toMatchObject({ ok: true, value: { fence: 1 } });
    expect(await accounts.raiseFence(accountId, seen)).toEqual({ ok: false, refusal: "raised-meanwhile" });
    expect((await accounts.findByName(name))?.fence).toBe(1);
  });

  test("gives every one of many owners at once a fence of its own", async () => {
    const accountId = await createAccount(stores());
    const fences = await Promise.all(Array.from({ length: 20 }, () => raise(stores(), accountId)));
    expect(fences.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  test("tells which hash parameters its credentials have, and how many have them", async () => {
    const { accounts } = stores();
    const parameters = { memoryKib: 4_711, iterations: 3, parallelism: 2 };
    for (let count = 1; count <= 2; count += 1) {
      await accounts.create({
        name: freshName(),
        sex: "male",
        credential: { ...credential(), ...parameters },
      });
      expect(await accounts.parametersInUse()).toContainEqual({ parameters, count });
    }
  });

  test("does not replace a credential that was changed meanwhile", async () => {
    const { accounts } = stores();
    const name = freshName();
    const accountId = await createAccount(stores(), name);
    const change = { accountId, replaced: credential(1), credential: credential(2) };
    expect(await accounts.replaceCredential(change)).toEqual({ ok: true, value: {} });
    expect(await accounts.replaceCredential({ ...change, credential: credential(3) })).toEqual({
      ok: false,
      refusal: "credential-changed",
    });
    expect((await accounts.findByName(name))?.credential.storedKey[0]).toBe(2);
  });

  test("keeps a ban until it is lifted", async () => {
    const { accounts } = stores();
    const name = freshName();
    const accountId = await createAccount(stores(), name);
    const untilMs = 4_102_444_800_000;
    expect(await accounts.setBan({ name: name.toUpperCase(), untilMs })).toEqual({
      ok: true,
      value: { accountId },
    });
    expect(await accounts.findByName(name)).toMatchObject({ bannedUntilMs: untilMs });
    await accounts.setBan({ name, untilMs: null });
    expect(await accounts.findByName(name)).toMatchObject({ bannedUntilMs: null });
    expect(await accounts.setBan({ name: "nobody", untilMs })).toMatchObject({ refusal: "no-such-account" });
  });
}

function characterContract(stores: () => Stores): void {
  test("lists the characters of one account in one world by slot", async () => {
    const { characters } = stores();
    const { reference, name } = await createCharacter(stores(), 2);
    const { accountId, accountFence } = reference;
    const first = freshName();
    await characters.create({ accountId, accountFence, world, slot: 0, name: first, position });
    await characters.create({ accountId, accountFence, world: "Other", slot: 0, name: first, position });
    expect(await characters.list({ accountId, world })).toEqual([
      { charId: expect.any(Number), slot: 0, name: first, position },
      { charId: reference.charId, slot: 2, name, position },
    ]);
  });

  test("of many characters created at once under one name in any case, keeps exactly one", async () => {
    const { characters } = stores();
    const name = freshName();
    const owners = await Promise.all(Array.from({ length: 8 }, () => createCharacter(stores())));
    const outcomes = await Promise.all(
      owners.map(({ reference: { accountId, accountFence } }, index) =>
        characters.create({
          accountId,
          accountFence,
          world,
          slot: 1,
          name: index % 2 === 0 ? name : name.toUpperCase(),
          position,
        }),
      ),
    );
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(outcomes.filter((outcome) => !outcome.ok && outcome.refusal === "name-taken")).toHaveLength(7);
  });

  test("of many characters created at once in one slot, keeps exactly one", async () => {
    const { characters } = stores();
    const { accountId, accountFence } = (await createCharacter(stores())).reference;
    const create = () =>
      characters.create({ accountId, accountFence, world, slot: 1, name: freshName(), position });
    const outcomes = await Promise.all([create(), create(), create(), create()]);
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(outcomes.filter((outcome) => !outcome.ok && outcome.refusal === "slot-taken")).toHaveLength(3);
  });

  test("refuses whoever comes with an older account fence, whatever it asks", async () => {
    const { characters } = stores();
    const { reference } = await createCharacter(stores());
    await raise(stores(), reference.accountId);
    const lost = { ok: false, refusal: "lock-lost" };
    expect(await characters.take(reference)).toEqual(lost);
    expect(await characters.delete(reference)).toEqual(lost);
    expect(await characters.create({ ...reference, slot: 5, name: freshName(), position })).toEqual(lost);
    expect(await characters.list(reference)).toHaveLength(1);
  });

  test("knows only the characters of the account, in the world", async () => {
    const { characters } = stores();
    const { reference } = await createCharacter(stores());
    const other = await createCharacter(stores());
    const none = { ok: false, refusal: "no-such-character" };
    expect(await characters.take({ ...reference, charId: other.reference.charId })).toEqual(none);
    expect(await characters.take({ ...reference, world: "Other" })).toEqual(none);
    expect(await characters.delete({ ...reference, charId: other.reference.charId })).toEqual(none);
    expect(await characters.delete({ ...reference, charId: CharId(1) })).toEqual(none);
    expect(await characters.delete(reference)).toEqual({ ok: true, value: {} });
    expect(await characters.take(reference)).toEqual(none);
  });

  test("hands a character to its new owner with what the last one saved", async () => {
    const { characters } = stores();
    const { reference, name } = await createCharacter(stores());
    const { charId, accountId } = reference;
    const first = await characters.take(reference);
    const identity = { charId, accountId, name, slot: 0, sex: "female" };
    expect(first).toEqual({ ok: true, value: { ...identity, position, attributes: {}, fence: 1 } });
    const state = { position: { map: "cave", x: 0, y: 3 }, attributes: { level: 7, bag: ["key", null] } };
    expect(await characters.save({ charId, fence: Fence(1), state })).toEqual({ ok: true, value: {} });
    const second = await characters.take(reference);
    expect(second).toEqual({ ok: true, value: { ...identity, ...state, fence: 2 } });
  });

  test("refuses the save of an owner that was replaced, and of one that never was", async () => {
    const { characters } = stores();
    const { reference } = await createCharacter(stores());
    const { charId } = reference;
    const untaken = await characters.save({ charId, fence: Fence(0), state: stateWith({}) });
    expect(untaken).toEqual({ ok: false, refusal: "lock-lost" });
    await characters.take(reference);
    await characters.take(reference);
    const save = (fence: number) =>
      characters.save({ charId, fence: Fence(fence), state: stateWith({ by: fence }) });
    expect(await save(1)).toEqual({ ok: false, refusal: "lock-lost" });
    expect(await save(3)).toEqual({ ok: false, refusal: "lock-lost" });
    expect(await save(2)).toEqual({ ok: true, value: {} });
    const taken = await characters.take(reference);
    expect(taken).toMatchObject({ value: { attributes: { by: 2 } } });
  });

  test("refuses the save of one character once another of the account was taken in that world", async () => {
    const { characters } = stores();
    const { reference } = await createCharacter(stores());
    const { charId } = reference;
    const make = async (of: string) => {
      const made = await characters.create({ ...reference, world: of, slot: 1, name: freshName(), position });
      if (!made.ok) throw new Error(made.refusal);
      return { ...reference, world: of, charId: made.value.charId };
    };
    const neighbour = await make(world);
    const elsewhere = await make("Other");
    const first = await characters.take(reference);
    const state = stateWith({ by: "the first" });
    await characters.take(elsewhere);
    expect(await characters.save({ charId, fence: Fence(1), state })).toEqual({ ok: true, value: {} });
    const second = await characters.take(neighbour);
    const fences = [first, second].map((taken) => taken.ok && taken.value.fence);
    expect(fences).toEqual([1, 2]);
    expect(await characters.save({ charId, fence: Fence(1), state })).toMatchObject({ refusal: "lock-lost" });
    expect(await characters.take(reference)).toMatchObject({
      value: { fence: 3, attributes: state.attributes },
    });
  });

  test("keeps whatever JSON a game comes up with, and text that only players would type", async () => {
    const { characters } = stores();
    const { reference } = await createCharacter(stores());
    const { charId } = reference;
    let fence = Fence(0);
    const take = async () => {
      const taken = await characters.take(reference);
      if (!taken.ok) throw new Error(taken.refusal);
      ({ fence } = taken.value);
      return taken.value.attributes;
    };
    await take();
    const typed = { note: "quote ' \" \\ {a,b}, ünï 😀 \u0001", "k ey": [{ deep: [[]] }] };
    // All of Unicode but NUL, which Postgres has no text for.
    const anything = fc
      .dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ stringUnit: "binary" }))
      .filter((value) => !JSON.stringify(value).includes("\\u0000"));
    const savesAndTakes = fc.asyncProperty(anything, fc.boolean(), async (value, many) => {
      const attributes = JSON.parse(JSON.stringify(value));
      const save = { charId, fence, state: stateWith(attributes) };
      if (many) expect(await characters.saveMany([save])).toEqual(new Map());
      else expect(await characters.save(save)).toEqual({ ok: true, value: {} });
      expect(await take()).toEqual(attributes);
    });
    await fc.assert(savesAndTakes, {
      numRuns: 50,
      examples: [
        [typed, false],
        [typed, true],
      ],
    });
  });

  test("saves many at once and names those refused", async () => {
    const { characters } = stores();
    const owned = await Promise.all(Array.from({ length: 6 }, () => createCharacter(stores())));
    for (const { reference } of owned) await characters.take(reference);
    const [stale, poisoned, gone, ...others] = owned.map(({ reference }) => reference);
    if (!stale || !poisoned || !gone) throw new Error("six were made");
    await characters.take(stale);
    await characters.delete(gone);
    const fence = Fence(1);
    const refused = await characters.saveMany([
      { charId: stale.charId, fence, state: stateWith({ saved: "stale" }) },
      { charId: poisoned.charId, fence, state: { position: { ...position, x: -1 }, attributes: {} } },
      { charId: gone.charId, fence, state: stateWith({}) },
      ...others.flatMap(({ charId }) => [
        { charId, fence, state: stateWith({ saved: "first" }) },
        { charId, fence, state: stateWith({ saved: "last" }) },
        { charId, fence: Fence(0), state: stateWith({ saved: "by an older owner" }) },
      ]),
    ]);
    expect(refused).toEqual(
      new Map([
        [poisoned.charId, "state-invalid"],
        [stale.charId, "lock-lost"],
        [gone.charId, "lock-lost"],
      ]),
    );
    for (const reference of others) {
      expect(await characters.take(reference)).toMatchObject({ value: { attributes: { saved: "last" } } });
    }
    expect(await characters.take(stale)).toMatchObject({ value: { attributes: {} } });
    expect(await characters.saveMany([])).toEqual(new Map());
  });
}
