import { fileURLToPath } from "node:url";
import type { ShapeOf } from "@sallyport/game";
import { loadMaps, type TestPlayer, testWorld } from "@sallyport/game/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { earned, newcomer } from "../src/character.ts";
import harbour from "../src/game.ts";
import { bagMax, gifts, itemName, questShells, wareName } from "../src/goods.ts";

const sampleMaps = await loadMaps(fileURLToPath(new URL("../../map-world/maps/", import.meta.url)));
const maps = ["harbour", "forest", "lighthouse", "tavern"].flatMap((name) => sampleMaps.get(name) ?? []);

type Player = TestPlayer<ShapeOf<typeof harbour>>;

/** The sample maps, as `npm start` runs them. */
const world = () => testWorld(harbour, { maps });
const [besideMara, besideChest, besideTobin, besideSign] = [
  [44, 34],
  [30, 59],
  [37, 28],
  [40, 33],
] as const;

const said = (player: Player): string => player.dialogue?.says ?? "";

describe("the chest", () => {
  test("gives gold to each character once", () => {
    const all = world();
    const [ann, ben] = [all.enter("Ann", { at: besideChest }), all.enter("Ben", { at: besideChest })];
    for (const player of [ann, ann, ben]) player.click("chest");
    expect(said(ann)).toContain("You have been here before");
    expect(said(ben)).toContain("15 gold");
    expect(ann.own.gold).toBe(gifts.start + gifts.chest);
    expect(ann.events).toContainEqual({ name: "chest.opened", body: { gold: gifts.chest } });
  });

  test("remembers a character that comes back, and another chest gives again", () => {
    const all = world();
    const ann = all.enter("Ann", { at: besideChest });
    ann.click("chest");
    ann.leave();
    const again = all.enter("Ann", { map: "forest", at: [39, 5], stored: ann.stored });
    again.click("chest");
    again.click("chest");
    expect(again.character.diary.opened).toEqual(["pier", "hollow"]);
    expect(again.character.gold).toBe(gifts.start + 2 * gifts.chest);
  });
});

test("what a character says is counted, and stays counted", () => {
  const all = world();
  const ann = all.enter("Ann", { at: besideSign });
  for (const text of ["hello", "is anybody here?"]) ann.say(text);
  expect(ann.heard.map(({ text }) => text)).toEqual(["hello", "is anybody here?"]);
  ann.leave();
  expect(all.enter("Ann", { stored: ann.stored }).character.lines).toBe(2);
});

test("a character from before lines were counted has said none", () => {
  const { bag, quest, diary, isCounted } = newcomer;
  const ann = world().enter("Ann", { stored: { $version: 1, gold: 3, bag, quest, diary, isCounted } });
  expect(ann.character).toMatchObject({ gold: 3, lines: 0 });
});

const withShells = (shell: number) => {
  const ann = world().enter("Ann", { at: besideMara });
  const { bag, diary } = ann.character;
  return { bag: { ...bag, shell }, diary: { ...diary, found: shell } };
};

describe("Mara", () => {
  test("gives her reward once, for three shells", () => {
    const ann = world().enter("Ann", { at: besideMara, character: withShells(questShells + 1) });
    ann.click("mara");
    ann.answer("Yes, gladly.");
    ann.click("mara");
    ann.answer("They are.");
    expect(said(ann)).toContain("30 gold");
    ann.click("mara");
    expect(said(ann)).toContain("My necklace");
    expect(ann.character).toMatchObject({
      gold: gifts.start + gifts.quest,
      bag: { shell: 1 },
      title: "Friend of the harbour",
    });
    expect(ann.scores).toEqual([{ board: "Shell finders", score: questShells + 1, comment: "" }]);
  });

  test("asks again if the answer was no, and takes no shells then", () => {
    const ann = world().enter("Ann", { at: besideMara, character: withShells(questShells) });
    ann.click("mara");
    ann.answer("Not today.");
    expect(ann.character.quest).toBe("none");
    ann.click("mara");
    ann.answer("Yes, gladly.");
    ann.click("mara");
    ann.answer("I keep them.");
    expect(ann.character).toMatchObject({ quest: "asked", bag: { shell: 3 }, gold: gifts.start });
  });

  test("says how many shells are missing", () => {
    const ann = world().enter("Ann", { at: besideMara, character: { quest: "asked" } });
    ann.click("mara");
    expect(said(ann)).toContain("0 of 3 shells");
  });
});

describe("Tobin", () => {
  test("sells for the price, and refuses what is too dear", () => {
    const ann = world().enter("Ann", { at: besideTobin });
    ann.click("stall");
    expect(ann.buy({ lantern: 1 })).toEqual({ ok: true });
    expect(ann.buy({ lantern: 1 })).toEqual({ ok: false, refusal: "too-dear" });
    expect(ann.own).toMatchObject({ gold: 8, bag: { lantern: 1 } });
  });

  test("sells no more than the bag holds", () => {
    const ann = world().enter("Ann", { at: besideTobin });
    ann.click("stall");
    expect(ann.buy({ bread: bagMax + 1 })).toEqual({ ok: false, refusal: "no-room" });
    expect(ann.buy({ bread: bagMax })).toEqual({ ok: true });
    expect(ann.character).toMatchObject({ gold: 4, bag: { bread: bagMax } });
  });
});

describe("the bag", () => {
  test("gives up bread that is eaten, and keeps a lantern that is lit", () => {
    const all = world();
    const ann = all.enter("Ann", { at: besideTobin });
    const ben = all.enter("Ben", { at: besideTobin });
    ann.click("stall");
    ann.buy({ bread: 1, lantern: 1 });
    expect(ann.send("bag.use", { item: "bread" })).toEqual({ ok: true });
    expect(ann.send("bag.use", { item: "bread" })).toMatchObject({ refusal: "refused", word: "not-in-bag" });
    expect(ann.send("bag.use", { item: "lantern" })).toEqual({ ok: true });
    expect(ann.character.bag).toMatchObject({ bread: 0, lantern: 1 });
    const used = ben.events.flatMap(({ name, body }) => (name === "bag.used" ? [body.item] : []));
    expect(used).toEqual(["bread", "lantern"]);
  });
});

describe("shells", () => {
  test("lie on the beach, and come back a minute after they are taken", () => {
    const all = world();
    const [first] = all.actors("shell");
    const ann = all.enter("Ann", { at: [first?.x ?? 0, first?.y ?? 0] });
    const onTheBeach = () => all.actors("shell").filter(({ map }) => map === "harbour").length;
    expect(onTheBeach()).toBe(6);
    expect(ann.take("shell")).toEqual({ ok: true });
    all.passes(59_000);
    expect(onTheBeach()).toBe(5);
    all.passes(1_000);
    expect(onTheBeach()).toBe(6);
  });

  test("stay on the floor if the bag is full", () => {
    const all = world();
    const [first] = all.actors("shell");
    const at = [first?.x ?? 0, first?.y ?? 0] as const;
    const ann = all.enter("Ann", { at, character: withShells(bagMax) });
    const before = all.actors("shell").length;
    expect(ann.take("shell")).toEqual({ ok: false, refusal: "no-room" });
    expect(all.actors("shell")).toHaveLength(before);
  });
});

describe("a troll", () => {
  test("frightens a player back to the harbour, and the player drops a shell", () => {
    const all = world();
    const [troll] = all.actors("troll");
    const at = [troll?.x ?? 0, (troll?.y ?? 0) + 2] as const;
    const ann = all.enter("Ann", { map: "forest", at, character: withShells(1) });
    all.passes(10_000);
    expect(ann.map).toBe("harbour");
    expect(ann.character).toMatchObject({ bag: { shell: 0 }, diary: { lost: 1 } });
    const dropped = all.actors("shell").filter(({ map }) => map === "forest");
    // The sea did not bring this shell, so it does not bring it back.
    expect(dropped).toMatchObject([{ state: { isFromSea: false } }]);
  });
});

describe("the lighthouse", () => {
  test("tells a player that comes over from the harbour which part it enters, and has a chest", () => {
    const ann = world().enter("Ann", { at: [72, 58] });
    ann.walkTo(72, 60);
    expect([ann.map, ann.cell]).toEqual(["lighthouse", { x: 12, y: 3 }]);
    ann.walkTo(12, 7);
    expect(ann.events.filter(({ name }) => name === "zone.entered")).toEqual([]);
    ann.walkTo(10, 12);
    expect(ann.events).toContainEqual({ name: "zone.entered", body: { title: "the lamp room" } });
    ann.click("chest");
    expect(ann.character.diary.opened).toEqual(["lighthouse"]);
  });
});

describe("the sign", () => {
  test("counts each character once, and shows the visitors of the whole world", () => {
    const all = testWorld(harbour, { maps, world: { visitors: { count: 6 } } });
    const ann = all.enter("Ann", { at: besideSign });
    ann.leave();
    const again = all.enter("Ann", { at: besideSign, stored: ann.stored });
    again.click("sign");
    expect(said(again)).toContain("Visitors so far: 7");
    expect(all.state("visitors")).toEqual({ count: 7 });
  });
});

test("a character that only counted steps so far comes as a newcomer", () => {
  const ann = world().enter("Ann", { stored: { steps: 12 } });
  expect(ann.character).toMatchObject({ gold: gifts.start, quest: "none" });
});

test("whatever a player does, gold and bag are what its diary says", () => {
  const square = `name: square
spawn: 3,3
size: 12x8
object: mara 2,2
object: chest 3,2 chest=square
object: stall 4,2
object: shell 2,3 4x3 count=8`;
  const deed = fc.oneof(
    fc.record({ click: fc.constantFrom("chest" as const, "mara" as const, "stall" as const) }),
    fc.record({ buy: fc.constantFrom(...wareName.options), amount: fc.integer({ min: 1, max: bagMax + 1 }) }),
    fc.record({ use: fc.constantFrom(...wareName.options) }),
    fc.constantFrom("answer" as const, "take" as const, "wait" as const),
  );
  type Deed = typeof deed extends fc.Arbitrary<infer D> ? D : never;
  const act = (all: ReturnType<typeof world>, ann: Player, each: Deed): void => {
    if (each === "answer") {
      const [label] = ann.dialogue?.choices ?? [];
      if (label !== undefined) ann.answer(label);
    } else if (each === "take") {
      if (all.actors("shell").length > 0) ann.take("shell");
    } else if (each === "wait") all.passes(30_000);
    else if ("click" in each) ann.click(each.click);
    else if ("use" in each) ann.send("bag.use", { item: each.use });
    else if (ann.shop !== null) ann.buy({ [each.buy]: each.amount });
  };
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 60 }), (deeds) => {
      const all = testWorld(harbour, { maps: [square] });
      const ann = all.enter("Ann");
      for (const each of deeds) {
        act(all, ann, each);
        expect(ann.character).toMatchObject(earned(ann.character));
      }
      expect(Object.keys(ann.character.bag).sort()).toEqual([...itemName.options].sort());
    }),
  );
});
