import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { earned } from "../src/character.ts";
import { bagMax, gifts, questShells, wares } from "../src/goods.ts";
import { PlayedHarbour } from "./played-harbour.ts";

const first = { type: "choice", index: 0 } as const;
const second = { type: "choice", index: 1 } as const;

describe("the chest", () => {
  test("gives gold to each character once", () => {
    const map = new PlayedHarbour();
    const [ann, ben] = [map.enter(1), map.enter(2)];
    expect(map.click(ann, "Old chest")).toContain("15 gold");
    expect(map.click(ann, "Old chest")).toContain("been here before");
    expect(map.click(ben, "Old chest")).toContain("15 gold");
    expect(map.state(ann).gold).toBe(gifts.start + gifts.chest);
    expect(map.sent("chest.opened")).toEqual([{ gold: 15 }, { gold: 15 }]);
  });

  test("remembers a character that comes back, and another chest gives again", () => {
    const harbour = new PlayedHarbour();
    const ann = harbour.enter();
    harbour.click(ann, "Old chest");
    const forest = new PlayedHarbour("forest");
    forest.enter(1, { $version: 1, ...harbour.state(ann) });
    forest.click(ann, "Old chest");
    forest.click(ann, "Old chest");
    expect(forest.state(ann).diary.opened).toEqual(["pier", "hollow"]);
    expect(forest.state(ann).gold).toBe(gifts.start + 2 * gifts.chest);
  });
});

describe("Mara", () => {
  const asked = () => {
    const map = new PlayedHarbour();
    const ann = map.enter();
    map.click(ann, "Mara");
    map.answer(ann, "Mara", first);
    return { map, ann };
  };

  test("gives her reward once, for three shells", () => {
    const { map, ann } = asked();
    for (let shells = 0; shells < questShells + 1; shells += 1) map.take(ann);
    map.click(ann, "Mara");
    expect(map.answer(ann, "Mara", first)).toContain("30 gold");
    expect(map.answer(ann, "Mara", first)).toBe("");
    expect(map.click(ann, "Mara")).toContain("My necklace");
    expect(map.state(ann)).toMatchObject({
      gold: gifts.start + gifts.quest,
      bag: { shell: 1 },
      title: "Friend of the harbour",
    });
  });

  test("asks again if the answer was no, and takes no shells then", () => {
    const map = new PlayedHarbour();
    const ann = map.enter();
    map.click(ann, "Mara");
    map.answer(ann, "Mara", second);
    expect(map.state(ann).quest).toBe("none");
    map.click(ann, "Mara");
    map.answer(ann, "Mara", first);
    expect(map.click(ann, "Mara")).toContain("0 of 3 shells");
    for (let shells = 0; shells < questShells; shells += 1) map.take(ann);
    map.click(ann, "Mara");
    map.answer(ann, "Mara", second);
    expect(map.state(ann)).toMatchObject({ quest: "asked", bag: { shell: 3 }, gold: gifts.start });
  });
});

describe("Tobin", () => {
  test("sells for the price, and refuses what is too dear", () => {
    const map = new PlayedHarbour();
    const ann = map.enter();
    map.click(ann, "Tobin");
    expect(map.buy(ann, wares.lantern.id, 1)).toEqual({ ok: true });
    expect(map.buy(ann, wares.lantern.id, 1)).toEqual({ ok: false, refusal: "too-dear" });
    expect(map.state(ann)).toMatchObject({ gold: 8, bag: { lantern: 1 } });
  });

  test("sells no more than the bag holds", () => {
    const map = new PlayedHarbour();
    const ann = map.enter();
    map.click(ann, "Tobin");
    expect(map.buy(ann, wares.bread.id, bagMax + 1)).toEqual({ ok: false, refusal: "no-room" });
    expect(map.buy(ann, wares.bread.id, bagMax)).toEqual({ ok: true });
    expect(map.take(ann)).toEqual({ ok: false, refusal: "no-room" });
  });
});

describe("the bag", () => {
  test("gives up bread that is eaten, and keeps a lantern that is lit", () => {
    const map = new PlayedHarbour();
    const ann = map.enter();
    map.click(ann, "Tobin");
    map.buy(ann, wares.bread.id, 1);
    map.buy(ann, wares.lantern.id, 1);
    expect(map.use(ann, "bread")).toEqual({ ok: true });
    expect(map.use(ann, "bread")).toEqual({ ok: false, refusal: "refused", word: "not-in-bag" });
    expect(map.use(ann, "lantern")).toEqual({ ok: true });
    expect(map.state(ann).bag).toMatchObject({ bread: 0, lantern: 1 });
    expect(map.sent("bag.used").map(({ by, item }) => `${by} ${item}`)).toEqual([
      "Ann1 bread",
      "Ann1 lantern",
    ]);
  });
});

describe("shells", () => {
  test("lie on the beach, and come back a minute after they are taken", () => {
    const map = new PlayedHarbour();
    const ann = map.enter();
    const before = map.actors.get("Shell")?.length ?? 0;
    expect(before).toBe(6);
    map.take(ann);
    map.wait(59_000);
    expect(map.actors.get("Shell")).toHaveLength(before - 1);
    map.wait(1_000);
    expect(map.actors.get("Shell")).toHaveLength(before);
  });
});

describe("a troll", () => {
  test("frightens a player back to the harbour, and the player drops a shell", () => {
    const map = new PlayedHarbour("forest");
    const { diary, ...others } = { ...map.state(map.enter(2)) };
    const ann = map.enter(1, {
      ...{ $version: 1, ...others },
      ...{ bag: { ...others.bag, shell: 1 }, diary: { ...diary, found: 1 } },
    });
    map.goTo(ann, map.actor("Moss troll"));
    expect(map.effects).toContainEqual({ type: "warp", charId: ann, to: { map: "harbour", x: 41, y: 5 } });
    expect(map.state(ann)).toMatchObject({ bag: { shell: 0 }, diary: { lost: 1 } });
    expect(map.actors.get("Shell")).toHaveLength(1);
    // The sea did not bring this shell, so it does not bring it back.
    map.take(ann);
    map.wait(60_000);
    expect(map.actors.get("Shell")).toEqual([]);
  });
});

describe("the sign", () => {
  test("counts each character once, and shows the visitors of the whole world", () => {
    const map = new PlayedHarbour();
    const ann = map.enter();
    map.enter(1, { $version: 1, ...map.state(ann) });
    expect(map.effects.filter(({ type }) => type === "change-world")).toHaveLength(1);
    map.worldHas(7);
    expect(map.click(ann, "Sign")).toContain("Visitors so far: 7");
    expect(map.sent("sign.read")).toEqual([{ visitors: 7 }]);
    expect(map.sent("visitor.came")).toEqual([{ visitors: 7 }]);
  });
});

test("a character that only counted steps so far comes as a newcomer", () => {
  const map = new PlayedHarbour();
  expect(map.state(map.enter(1, { steps: 12 }))).toMatchObject({ gold: gifts.start, quest: "none" });
});

test("whatever a player does, gold and bag are what its diary says", () => {
  const deed = fc.oneof(
    fc.record({ click: fc.constantFrom("Old chest", "Mara", "Tobin", "Sign") }),
    fc.record({ answer: fc.nat(1) }),
    fc.record({
      buy: fc.constantFrom(...Object.values(wares).map(({ id }) => id)),
      amount: fc.integer({ min: 1, max: 9 }),
    }),
    fc.record({ use: fc.constantFrom("bread" as const, "rope" as const, "lantern" as const) }),
    fc.constant("take" as const),
    fc.constant("wait" as const),
  );
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 60 }), (deeds) => {
      const map = new PlayedHarbour();
      const ann = map.enter();
      for (const each of deeds) {
        if (each === "take") {
          if (map.actors.get("Shell")?.length) map.take(ann);
        } else if (each === "wait") map.wait(30_000);
        else if ("click" in each) map.click(ann, each.click);
        else if ("answer" in each) map.answer(ann, "Mara", { type: "choice", index: each.answer });
        else if ("buy" in each) map.buy(ann, each.buy, each.amount);
        else map.use(ann, each.use);
        const state = map.state(ann);
        expect(state).toMatchObject(earned(state));
      }
    }),
  );
});
