import { Fence } from "@sallyport/domain";
import { expect, test } from "vitest";
import {
  bySaver,
  createCharacter,
  freshName,
  lost,
  position,
  raise,
  type Stores,
  stateWith,
  take,
  world,
} from "./sample-rows.ts";

const done = { ok: true, value: {} };
const elsewhere = { map: "cave", x: 1, y: 2 };

/** The changes of an operator. */
export function characterChangeContract(stores: () => Stores): void {
  test("finds a character by its name in any case, in its world alone", async () => {
    const { characters } = stores();
    const { reference, name } = await createCharacter(stores(), 2);
    const { charId, accountId } = reference;
    const found = await characters.find({ name: name.toUpperCase(), world });
    expect(found).toMatchObject({ charId, accountId, name, slot: 2, position, fence: 0 });
    expect(await characters.find({ name, world: "Other" })).toBeNull();
    expect(await characters.find({ name: `${name}_`, world })).toBeNull();
    expect(await characters.find({ name: `${name}\0`, world })).toBeNull();
  });

  test("renames a character, also to another case of its name, and frees the name it had", async () => {
    const { characters } = stores();
    const { reference, name } = await createCharacter(stores());
    const other = await createCharacter(stores());
    const rename = (to: string, of = reference) =>
      characters.rename({ ...of, charFence: Fence(0), name: to });
    expect(await rename(name.toUpperCase())).toEqual(done);
    expect(await rename(other.name.toUpperCase())).toEqual({ ok: false, refusal: "name-taken" });
    expect(await rename(freshName())).toEqual(done);
    expect(await rename(name, other.reference)).toEqual(done);
    const [renamed] = await characters.list(reference);
    expect(renamed).toMatchObject({ slot: 0, position, fence: 0 });
  });

  test("lets look-alikes of the new name be refused, and not those of the old one", async () => {
    const { characters } = stores();
    const one = await createCharacter(stores());
    const two = await createCharacter(stores());
    const [shared, before, after] = [freshName(), freshName(), freshName()];
    const rename = ({ reference }: typeof one, ...skeletons: readonly string[]) =>
      characters.rename({ ...reference, charFence: Fence(0), name: freshName(), skeletons });
    const taken = { ok: false, refusal: "name-taken" };
    expect(await rename(one, shared, before)).toEqual(done);
    expect(await rename(one, shared, after)).toEqual(done);
    expect(await rename(two, after)).toEqual(taken);
    expect(await rename(two, shared)).toEqual(taken);
    expect(await rename(two, before)).toEqual(done);
  });

  test("moves a character, and refuses every later save of its earlier owner", async () => {
    const { characters } = stores();
    const { reference } = await createCharacter(stores());
    const { charId } = reference;
    await take(stores(), reference);
    const save = (saveNumber: number) =>
      characters.save({ ...bySaver, charId, fence: Fence(1), saveNumber, state: stateWith({ saveNumber }) });
    expect(await save(1)).toEqual(done);
    expect(await characters.move({ ...reference, charFence: Fence(1), position: elsewhere })).toEqual(done);
    expect(await save(2)).toEqual(lost);
    const taken = await take(stores(), reference);
    expect(taken).toMatchObject({
      value: { position: elsewhere, attributes: { saveNumber: 1 }, fence: 3 },
    });
  });

  test("refuses a change under an older fence, and one of a character that is not there", async () => {
    const { characters } = stores();
    const { reference } = await createCharacter(stores());
    const changes = (of: typeof reference, fence = 0) => {
      const listed = { ...of, charFence: Fence(fence) };
      return Promise.all([
        characters.rename({ ...listed, name: freshName() }),
        characters.move({ ...listed, position: elsewhere }),
      ]);
    };
    const both = (refusal: string) => [
      { ok: false, refusal },
      { ok: false, refusal },
    ];
    expect(await changes(reference, 1)).toEqual(both("raised-meanwhile"));
    expect(await changes({ ...reference, world: "Other" })).toEqual(both("no-such-character"));
    await raise(stores(), reference.accountId);
    expect(await changes(reference)).toEqual([lost, lost]);
  });
}
