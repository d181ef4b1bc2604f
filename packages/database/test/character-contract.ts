import { CharId, Fence, type JsonObject, plainLooks, plainStanding } from "@sallyport/domain";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { CharacterSave } from "../src/index.ts";
import {
  bySaver,
  createCharacter,
  freshName,
  listed,
  lost,
  position,
  raise,
  remove,
  type Stores,
  stateWith,
  take,
  world,
} from "./sample-rows.ts";

export function characterContract(stores: () => Stores): void {
  test("lists the characters of one account in one world by slot", async () => {
    const { characters } = stores();
    const { reference, name } = await createCharacter(stores(), 2);
    const { accountId, accountFence } = reference;
    const first = freshName();
    const looks = { hairStyle: 65_535, hairColour: 7 };
    await characters.create({ accountId, accountFence, world, slot: 0, name: first, looks, position });
    await characters.create({ accountId, accountFence, world: "Other", slot: 0, name: first, position });
    const placed = { position, fence: 0, standing: plainStanding };
    expect(await characters.list({ accountId, world })).toEqual([
      { charId: expect.any(Number), slot: 0, name: first, looks, ...placed },
      { charId: reference.charId, slot: 2, name, looks: plainLooks, ...placed },
    ]);
  });

  test("keeps exactly one of many characters created at once under one name in any case", async () => {
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

  test("keeps exactly one of many characters created at once in one slot", async () => {
    const { characters } = stores();
    const { accountId, accountFence } = (await createCharacter(stores())).reference;
    const create = () =>
      characters.create({ accountId, accountFence, world, slot: 1, name: freshName(), position });
    const outcomes = await Promise.all([create(), create(), create(), create()]);
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(outcomes.filter((outcome) => !outcome.ok && outcome.refusal === "slot-taken")).toHaveLength(3);
  });

  test("refuses every request under an older account fence", async () => {
    const { characters } = stores();
    const { reference } = await createCharacter(stores());
    await raise(stores(), reference.accountId);
    expect(await take(stores(), reference)).toEqual(lost);
    expect(await remove(stores(), reference)).toEqual(lost);
    expect(await characters.create({ ...reference, slot: 5, name: freshName(), position })).toEqual(lost);
    expect(await characters.list(reference)).toHaveLength(1);
  });

  test("finds only characters of the given account and world", async () => {
    const { reference } = await createCharacter(stores());
    const other = await createCharacter(stores());
    const none = { ok: false, refusal: "no-such-character" };
    expect(await take(stores(), { ...reference, charId: other.reference.charId })).toEqual(none);
    expect(await take(stores(), { ...reference, world: "Other" })).toEqual(none);
    expect(await remove(stores(), { ...reference, charId: other.reference.charId })).toEqual(none);
    expect(await remove(stores(), { ...reference, charId: CharId(1) })).toEqual(none);
    expect(await remove(stores(), reference)).toEqual({ ok: true, value: {} });
    expect(await take(stores(), reference)).toEqual(none);
  });

  test("hands a character to its new owner with the last saved state", async () => {
    const { characters } = stores();
    const { reference, name } = await createCharacter(stores());
    const { charId, accountId } = reference;
    const first = await take(stores(), reference);
    const identity = { charId, accountId, name, slot: 0, sex: "female", looks: plainLooks };
    const standing = { role: "gamemaster", mutedUntilMs: Number.MAX_SAFE_INTEGER };
    expect(first).toEqual({
      ok: true,
      value: { ...identity, position, attributes: {}, fence: 1, standing: plainStanding },
    });
    await stores().accounts.setRole({ accountId, role: "gamemaster" });
    await stores().accounts.setMute({ accountId, untilMs: Number.POSITIVE_INFINITY });
    expect(await characters.list({ accountId, world })).toMatchObject([{ standing }]);
    const state = { position: { map: "cave", x: 0, y: 3 }, attributes: { level: 7, bag: ["key", null] } };
    const saved = await characters.save({ ...bySaver, charId, fence: Fence(1), saveNumber: 1, state });
    expect(saved).toEqual({ ok: true, value: {} });
    const second = await take(stores(), reference);
    expect(second).toEqual({ ok: true, value: { ...identity, ...state, fence: 2, standing } });
  });

  test("refuses the save of an owner that was replaced, and of a server that never was the owner", async () => {
    const { characters } = stores();
    const { reference } = await createCharacter(stores());
    const { charId } = reference;
    const save = (fence: number, saveNumber = 1) =>
      characters.save({
        ...bySaver,
        charId,
        fence: Fence(fence),
        saveNumber,
        state: stateWith({ by: fence }),
      });
    expect(await save(0)).toEqual({ ok: false, refusal: "lock-lost" });
    await take(stores(), reference);
    await take(stores(), reference);
    expect(await save(2, 0)).toEqual({ ok: false, refusal: "lock-lost" });
    expect(await save(1)).toEqual({ ok: false, refusal: "lock-lost" });
    expect(await save(3)).toEqual({ ok: false, refusal: "lock-lost" });
    expect(await save(2)).toEqual({ ok: true, value: {} });
    const taken = await take(stores(), reference);
    expect(taken).toMatchObject({ value: { attributes: { by: 2 } } });
  });

  test("stores the last save of an owner and raises the fence in one step, or does neither", async () => {
    const { characters } = stores();
    const { reference } = await createCharacter(stores());
    const pass = (fence: number, x: unknown) =>
      characters.pass(
        {
          ...bySaver,
          charId: reference.charId,
          fence: Fence(fence),
          saveNumber: 1,
          state: stateWith({ x } as JsonObject),
        },
        bySaver.owner,
      );
    expect(await pass(0, 1)).toEqual(lost);
    await take(stores(), reference);
    expect(await pass(1, Number.NaN)).toMatchObject({ refusal: "state-invalid" });
    expect(await pass(1, 1)).toEqual({ ok: true, value: { fence: 2 } });
    expect(await pass(1, 2)).toEqual(lost);
    expect(await pass(2, 3)).toMatchObject({ ok: true });
    expect(await take(stores(), reference)).toMatchObject({ value: { fence: 4, attributes: { x: 3 } } });
  });

  /** Each row has the save numbers of one owner, in the order in which its saves arrive. */
  const arrivals = [
    [1, 2],
    [2, 1],
    [3_000_000_001, 3_000_000_000],
    [1, 3, 2],
    [2, 2],
  ].map((numbers) => ({ numbers }));
  test.each(arrivals)(
    "keeps the newest of one owner's saves, and answers all as stored: $numbers",
    async ({ numbers }) => {
      const { characters } = stores();
      const { reference } = await createCharacter(stores());
      const { charId } = reference;
      const ways = {
        save: async (saves: readonly CharacterSave[]) => {
          for (const save of saves) expect(await characters.save(save)).toEqual({ ok: true, value: {} });
        },
        saveMany: async (saves: readonly CharacterSave[]) => {
          for (const save of saves) expect(await characters.saveMany([save])).toEqual(new Map());
        },
        "saveMany at once": async (saves: readonly CharacterSave[]) => {
          expect(await characters.saveMany(saves)).toEqual(new Map());
        },
      };
      const newest = numbers.indexOf(Math.max(...numbers));
      for (const [way, saveAll] of Object.entries(ways)) {
        const taken = await take(stores(), reference);
        if (!taken.ok) throw new Error(taken.refusal);
        const { fence } = taken.value;
        await saveAll(
          numbers.map((saveNumber, index) => ({
            ...bySaver,
            charId,
            fence,
            saveNumber,
            state: stateWith({ way, index }),
          })),
        );
        expect(await take(stores(), reference)).toMatchObject({
          value: { attributes: { way, index: newest } },
        });
      }
    },
  );

  test("passes a character on only with a state newer than all that is stored", async () => {
    const { characters } = stores();
    const { reference } = await createCharacter(stores());
    const save = (fence: number, saveNumber: number): CharacterSave => {
      const state = stateWith({ fence, saveNumber });
      return { ...bySaver, charId: reference.charId, fence: Fence(fence), saveNumber, state };
    };
    await take(stores(), reference);
    expect(await characters.pass(save(1, 0), bySaver.owner)).toEqual(lost);
    expect(await characters.save(save(1, 2))).toMatchObject({ ok: true });
    for (const late of [1, 2]) expect(await characters.pass(save(1, late), bySaver.owner)).toEqual(lost);
    expect(await characters.save(save(1, 3))).toMatchObject({ ok: true });
    expect(await characters.pass(save(1, 4), bySaver.owner)).toEqual({ ok: true, value: { fence: 2 } });
    expect(await characters.save(save(2, 1))).toMatchObject({ ok: true });
    expect(await take(stores(), reference)).toMatchObject({
      value: { fence: 3, attributes: { fence: 2, saveNumber: 1 } },
    });
  });

  test("keeps the time at which a character may be deleted until its owner calls it off", async () => {
    const { characters } = stores();
    const { reference } = await createCharacter(stores());
    const { accountId } = reference;
    const reserve = (deleteAfterS: number | null) =>
      characters.reserveDeletion({ ...reference, deleteAfterS });
    const times = async () => (await characters.list({ accountId, world })).map((each) => each.deleteAfterS);
    for (const deleteAfterS of [0, 1_294_000_000, 0xffff_ffff]) {
      expect(await reserve(deleteAfterS)).toEqual({ ok: true, value: {} });
      expect(await times()).toEqual([deleteAfterS]);
    }
    await take(stores(), reference);
    expect(await times()).toEqual([0xffff_ffff]);
    expect(await reserve(null)).toEqual({ ok: true, value: {} });
    expect(await times()).toEqual([undefined]);

    const stranger = await createCharacter(stores());
    const ofStranger = { ...stranger.reference, charId: reference.charId, deleteAfterS: 1 };
    expect(await characters.reserveDeletion(ofStranger)).toEqual({ ok: false, refusal: "no-such-character" });
    const elsewhere = { ...reference, world: "Other", deleteAfterS: 1 };
    expect(await characters.reserveDeletion(elsewhere)).toEqual({ ok: false, refusal: "no-such-character" });
    await raise(stores(), accountId);
    expect(await reserve(1)).toEqual(lost);
    expect(await times()).toEqual([undefined]);
  });

  test("changes nothing about a character that was handed over since it was listed", async () => {
    const { characters } = stores();
    const { reference } = await createCharacter(stores());
    const { charId } = reference;
    const meanwhile = { ok: false, refusal: "raised-meanwhile" };
    const earlier = await listed(stores(), reference);
    await take(stores(), reference);
    const saved = { ...bySaver, charId, fence: Fence(1), saveNumber: 1, state: stateWith({ gold: 7 }) };
    expect(await characters.save(saved)).toMatchObject({ ok: true });
    expect(await characters.delete(earlier)).toEqual(meanwhile);
    expect(await characters.take({ ...earlier, owner: "map-2" })).toEqual(meanwhile);
    expect(await characters.save({ ...saved, saveNumber: 2 })).toMatchObject({ ok: true });
    expect(await take(stores(), reference)).toMatchObject({ value: { fence: 2, attributes: { gold: 7 } } });
    expect(await remove(stores(), reference)).toEqual({ ok: true, value: {} });
  });

  test("stores saves only of the server that has the character, and not of one that merely knows fence and number", async () => {
    const { characters } = stores();
    const { reference } = await createCharacter(stores());
    const { charId } = reference;
    const { accountId, accountFence } = reference;
    const neighbour = await characters.create({
      accountId,
      accountFence,
      world,
      slot: 1,
      name: freshName(),
      position,
    });
    if (!neighbour.ok) throw new Error(neighbour.refusal);
    const refusedAll = async (save: CharacterSave): Promise<void> => {
      expect(await characters.save(save)).toEqual(lost);
      expect(await characters.pass(save, save.owner)).toEqual(lost);
      expect(await characters.saveMany([save])).toEqual(new Map([[save.charId, "lock-lost"]]));
    };
    await take(stores(), reference, "map-1");
    const right = {
      charId,
      world,
      owner: "map-1",
      fence: Fence(1),
      saveNumber: 9,
      state: stateWith({ by: 1 }),
    };
    for (const wrong of [
      { owner: "map-2" },
      { owner: "MAP-1" },
      { owner: "" },
      { world: "Other" },
      { charId: neighbour.value.charId },
      { charId: neighbour.value.charId, owner: "" },
    ]) {
      await refusedAll({ ...right, ...wrong });
    }
    expect(await characters.save(right)).toEqual({ ok: true, value: {} });
    const last = { ...right, saveNumber: 10, state: stateWith({ by: 2 }) };
    expect(await characters.pass(last, "map-2")).toEqual({ ok: true, value: { fence: 2 } });
    const next = { ...right, fence: Fence(2), saveNumber: 1, state: stateWith({ by: 3 }) };
    await refusedAll(next);
    expect(await characters.saveMany([{ ...next, owner: "map-2" }])).toEqual(new Map());
    expect(await take(stores(), reference, "map-1")).toMatchObject({ value: { attributes: { by: 3 } } });
  });

  test("refuses the save of one character once another character of the account was taken in that world", async () => {
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
    const first = await take(stores(), reference);
    const state = stateWith({ by: "the first" });
    await take(stores(), elsewhere);
    const save = () => characters.save({ ...bySaver, charId, fence: Fence(1), saveNumber: 1, state });
    expect(await save()).toEqual({ ok: true, value: {} });
    const second = await take(stores(), neighbour);
    const fences = [first, second].map((taken) => taken.ok && taken.value.fence);
    expect(fences).toEqual([1, 2]);
    expect(await save()).toMatchObject({ refusal: "lock-lost" });
    expect(await take(stores(), reference)).toMatchObject({
      value: { fence: 3, attributes: state.attributes },
    });
  });

  test("keeps any JSON of a game, and any text that players type", async () => {
    const { characters } = stores();
    const { reference } = await createCharacter(stores());
    const { charId } = reference;
    let fence = Fence(0);
    const takeAgain = async () => {
      const taken = await take(stores(), reference);
      if (!taken.ok) throw new Error(taken.refusal);
      ({ fence } = taken.value);
      return taken.value.attributes;
    };
    await takeAgain();
    const typed = { note: "quote ' \" \\ {a,b}, ünï 😀 \u0001", "k ey": [{ deep: [[]] }] };
    // Postgres cannot store NUL. All other characters of Unicode may occur here.
    const anything = fc
      .dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ stringUnit: "binary" }))
      .filter((value) => !JSON.stringify(value).includes("\\u0000"));
    const savesAndTakes = fc.asyncProperty(anything, fc.boolean(), async (value, many) => {
      const attributes = JSON.parse(JSON.stringify(value));
      const save = { ...bySaver, charId, fence, saveNumber: 1, state: stateWith(attributes) };
      if (many) expect(await characters.saveMany([save])).toEqual(new Map());
      else expect(await characters.save(save)).toEqual({ ok: true, value: {} });
      expect(await takeAgain()).toEqual(attributes);
    });
    await fc.assert(savesAndTakes, {
      numRuns: 50,
      examples: [
        [typed, false],
        [typed, true],
      ],
    });
  });

  test("saves many at once, and names the refused ones", async () => {
    const { characters } = stores();
    const owned = await Promise.all(Array.from({ length: 6 }, () => createCharacter(stores())));
    for (const { reference } of owned) await take(stores(), reference);
    const [stale, poisoned, gone, ...others] = owned.map(({ reference }) => reference);
    if (!stale || !poisoned || !gone) throw new Error("six were made");
    await take(stores(), stale);
    await remove(stores(), gone);
    const of = { ...bySaver, fence: Fence(1), saveNumber: 1 };
    const refused = await characters.saveMany([
      { ...of, charId: stale.charId, state: stateWith({ saved: "stale" }) },
      { ...of, charId: poisoned.charId, state: { position: { ...position, x: -1 }, attributes: {} } },
      { ...of, charId: gone.charId, state: stateWith({}) },
      ...others.flatMap(({ charId }) => [
        { ...of, charId, state: stateWith({ saved: "first" }) },
        { ...of, charId, saveNumber: 2, state: stateWith({ saved: "last" }) },
        { ...of, charId, fence: Fence(0), saveNumber: 3, state: stateWith({ saved: "by an older owner" }) },
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
      expect(await take(stores(), reference)).toMatchObject({ value: { attributes: { saved: "last" } } });
    }
    expect(await take(stores(), stale)).toMatchObject({ value: { attributes: {} } });
    expect(await characters.saveMany([])).toEqual(new Map());
  });
}
