import type { CharId } from "@sallyport/domain";
import { expect, test } from "vitest";
import { characterNames } from "../src/index.ts";
import { createCharacter, freshName, position, remove, type Stores, world } from "./sample-rows.ts";

export function characterNameContract(stores: () => Stores): void {
  test("refuses a name that looks like another, and keeps one of many such names created at once", async () => {
    const { characters } = stores();
    const owners = await Promise.all(Array.from({ length: 6 }, () => createCharacter(stores())));
    const look = freshName();
    const create = ({ reference }: (typeof owners)[number], of: string, skeletons: readonly string[]) => {
      const { accountId, accountFence } = reference;
      return characters.create({
        accountId,
        accountFence,
        world: of,
        slot: 1,
        name: freshName(),
        skeletons,
        position,
      });
    };
    const outcomes = await Promise.all(
      owners.map((each, i) => create(each, world, [`${look}${i}`, look].sort())),
    );
    const made = outcomes.filter((outcome) => outcome.ok);
    expect(made).toHaveLength(1);
    expect(outcomes.filter((each) => !each.ok && each.refusal === "name-taken")).toHaveLength(5);
    const [owner] = owners as [(typeof owners)[number]];
    expect(await create(owner, "Other", [look])).toMatchObject({ ok: true });

    // The name is free again when its character is deleted.
    const [{ value } = { value: null }] = made as readonly { value: { charId: CharId } }[];
    const winner = owners[outcomes.findIndex(({ ok }) => ok)]?.reference;
    if (winner === undefined || value === null) throw new Error("none was made");
    await remove(stores(), { ...winner, charId: value.charId });
    expect(await create(owners[1] ?? owner, world, [look])).toMatchObject({ ok: true });
  });

  test("refuses a name that looks like that of an older character, once look-alikes count", async () => {
    const { characters } = stores();
    const { reference, name } = await createCharacter(stores());
    const { accountId, accountFence } = reference;
    const rule = characterNames("unicode");
    const create = async (typed: string, slot: number) => {
      const read = rule.read(typed);
      if (read === null) throw new Error(`${typed} is no name`);
      return characters.create({ accountId, accountFence, world, slot, ...read, position });
    };
    const alike = name.replace("m", "rn");
    for (const _ of ["once", "and again"]) await characters.fillSkeletons(world);
    expect(await create(`${name}ü`, 5)).toMatchObject({ ok: true });
    expect(await create(alike, 6)).toEqual({ ok: false, refusal: "name-taken" });
  });

  test("keeps a name of 23 letters of any alphabet as it is", async () => {
    const { characters } = stores();
    const { reference } = await createCharacter(stores());
    const { accountId, accountFence } = reference;
    for (const [slot, name] of [`${freshName()} Анна`, "𠀀".repeat(23)].entries()) {
      const made = await characters.create({
        accountId,
        accountFence,
        world,
        slot: slot + 3,
        name,
        position,
      });
      expect(made).toMatchObject({ ok: true, value: { name } });
      const all = await characters.list({ accountId, world });
      expect(all.map((each) => each.name)).toContain(name);
    }
  });
}
