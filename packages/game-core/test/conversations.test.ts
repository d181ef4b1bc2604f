import { describe, expect, test } from "vitest";
import { defineGame, type Game } from "../src/index.ts";
import { object, PlayedMap } from "./played-map.ts";

function beside(of: string, shownName: string, game?: Game) {
  const map = new PlayedMap([object(of, 5, 5)], game);
  const actor = map.idOf(map.open(), shownName);
  const { charId } = map.enter(1, { x: 6, y: 5 }, {}, game);
  return {
    ...{ map, actor, charId },
    click: () => map.game.clicked(charId, actor, map.at),
    next: () => map.game.answered(charId, actor, { type: "next" }, map.at),
    choose: (index: number) => map.game.answered(charId, actor, { type: "choice", index }, map.at),
    close: () => map.game.answered(charId, actor, { type: "close" }, map.at),
    take: () => map.see(map.game.taken(charId, actor, map.at).effects),
  };
}

const ok = { ok: true } as const;
const no = (refusal: string) => ({ answer: { ok: false, refusal }, effects: [] });

describe("a dialogue", () => {
  test("begins with a click, follows the answers, and ends", () => {
    const { click, choose, next, actor, charId } = beside("mara", "Mara");
    const about = { charId, actor };
    expect(click()).toEqual({
      answer: ok,
      effects: [
        { type: "dialogue.said", ...about, text: "Hello Ann1." },
        { type: "dialogue.asked", ...about, choices: ["Work", "Bye"] },
      ],
    });
    expect(choose(0).effects).toEqual([
      { type: "dialogue.said", ...about, text: "Fetch a rope." },
      { type: "dialogue.paused", ...about },
    ]);
    const { effects } = next();
    expect(effects.map(({ type }) => type)).toEqual([
      ...["set", "character.changed", "actor.changed", "dialogue.said", "dialogue.ended"],
    ]);
    expect(next()).toEqual(no("no-dialogue"));
  });

  test("ends with the choice that leads nowhere, and with `close`", () => {
    const { click, choose, close, actor, charId } = beside("mara", "Mara");
    const ended = { answer: ok, effects: [{ type: "dialogue.ended", charId, actor }] };
    click();
    expect(choose(1)).toEqual(ended);
    click();
    expect(close()).toEqual(ended);
    expect(close()).toEqual(no("no-dialogue"));
  });

  test("ignores an answer for which it does not wait", () => {
    const { click, choose, next } = beside("mara", "Mara");
    click();
    for (const answer of [next, () => choose(2), () => choose(-1), () => choose(0.5)]) {
      expect(answer()).toEqual({ answer: ok, effects: [] });
    }
    expect(choose(0).effects).toHaveLength(2);
  });

  test("ends when the player walks out of reach, and not before", () => {
    const { click, map, charId, actor, choose } = beside("mara", "Mara");
    click();
    expect(map.step(charId, { x: 10, y: 5 })).toEqual([]);
    expect(map.step(charId, { x: 11, y: 5 })).toEqual([{ type: "dialogue.ended", charId, actor }]);
    expect(choose(0)).toEqual(no("no-dialogue"));
  });

  test("ends when the player leaves, and does not go on when it comes back", () => {
    const { click, map, charId, choose } = beside("mara", "Mara");
    click();
    map.game.left(charId, map.at);
    map.enter(1, { x: 6, y: 5 });
    expect(choose(0)).toEqual(no("no-dialogue"));
  });

  test("ends before its actor is removed, also by a page", () => {
    const game = defineGame({
      name: "shy",
      actors: {
        ghost: {
          kind: "npc",
          name: "Ghost",
          dialogue: {
            start: { says: "Boo.", then: "gone" },
            gone(it) {
              it.remove(it.actor.id);
              return { says: "You never see this." };
            },
          },
        },
      },
    });
    const { click, next, actor, charId } = beside("ghost", "Ghost", game);
    click();
    expect(next().effects).toEqual([
      { type: "dialogue.ended", charId, actor },
      { type: "despawn", actor },
    ]);
  });

  test("with a page that cannot be shown ends, and the page is reported", () => {
    const game = defineGame({
      name: "broken",
      actors: {
        mara: {
          kind: "npc",
          name: "Mara",
          dialogue: {
            start: { says: "Well?", choices: { Yes: "yes" } },
            yes: () => ({ says: "So", then: "yse" }),
          },
        },
      },
    });
    const { click, choose, actor, charId } = beside("mara", "Mara", game);
    click();
    const { answer, effects } = choose(0);
    expect(answer).toEqual({ ok: false, refusal: "failed" });
    expect(effects).toMatchObject([
      { type: "fault", handler: "actors.mara.dialogue.yes" },
      { type: "dialogue.ended", charId, actor },
    ]);
    expect(String(effects[0]?.type === "fault" && effects[0].error)).toContain(
      'the page yes leads to "yse", which is no page',
    );
  });

  test("with another actor ends the first one", () => {
    const map = new PlayedMap([object("mara", 5, 5), object("mara", 7, 5)]);
    const [first, second] = map.open().flatMap((effect) => (effect.type === "spawn" ? [effect.actor] : []));
    const { charId } = map.enter(1, { x: 6, y: 5 });
    map.game.clicked(charId, first ?? 0, map.at);
    const { effects } = map.game.clicked(charId, second ?? 0, map.at);
    expect(effects.map((effect) => [effect.type, "actor" in effect && effect.actor])).toEqual([
      ["dialogue.ended", first],
      ["dialogue.said", second],
      ["dialogue.asked", second],
    ]);
  });
});

describe("a click", () => {
  test("needs an actor that is there, within its reach", () => {
    const { map, click, charId } = beside("chest", "Chest");
    expect(map.game.clicked(charId, 1, map.at)).toEqual(no("no-such-actor"));
    map.cells.set(charId, { x: 8, y: 5 });
    expect(click()).toEqual(no("too-far"));
    map.cells.set(charId, { x: 7, y: 5 });
    expect(click().answer).toEqual(ok);
  });

  test("runs the handler, and the actor keeps its state", () => {
    const { click, actor } = beside("chest", "Chest");
    expect(click().effects).toEqual([{ type: "speak", actor, text: "Creak 1" }]);
    expect(click().effects).toEqual([{ type: "speak", actor, text: "Creak 2" }]);
  });
});

describe("an item on the floor", () => {
  test("is taken once", () => {
    const { take, map, actor, charId } = beside("shell", "Shell");
    expect(take().map(({ type }) => type)).toEqual(["set", "character.changed", "despawn"]);
    expect(map.game.taken(charId, actor, map.at)).toEqual(no("no-such-actor"));
  });

  test("stays if the game refuses", () => {
    const map = new PlayedMap([object("shell", 5, 5)]);
    const actor = map.idOf(map.open(), "Shell");
    const { charId } = map.enter(1, { x: 5, y: 5 }, { $version: 2, gold: 0, visits: 0, bag: { shell: 2 } });
    expect(map.game.taken(charId, actor, map.at)).toEqual(no("no-room"));
    expect(map.game.clicked(charId, actor, map.at).answer).toEqual(ok);
  });

  test("is no actor of another kind", () => {
    const { map, actor, charId } = beside("mara", "Mara");
    expect(map.game.taken(charId, actor, map.at)).toEqual(no("no-such-actor"));
  });
});

describe("a shop", () => {
  const rope = 1065;
  const shop = () => {
    const scene = beside("dock", "Dock");
    const buy = (...goods: { item: number; amount: number }[]) =>
      scene.map.game.bought(scene.charId, scene.actor, goods, scene.map.at);
    return { ...scene, buy };
  };

  test("opens with a click, and sells for its price", () => {
    const { click, buy, charId, actor } = shop();
    expect(click().effects).toEqual([
      { type: "shop.offered", charId, actor, goods: [{ item: rope, name: "Rope", price: 5 }] },
    ]);
    const { answer, effects } = buy({ item: rope, amount: 2 });
    expect(answer).toEqual(ok);
    expect(effects[0]).toMatchObject({ type: "set", character: { state: { gold: 0, bag: { rope: 2 } } } });
  });

  test("sells all of an order or nothing", () => {
    const { click, buy } = shop();
    click();
    expect(buy({ item: rope, amount: 1 }, { item: rope, amount: 2 })).toEqual(no("too-dear"));
    const { effects } = buy({ item: rope, amount: 1 }, { item: rope, amount: 1 });
    expect(effects[0]).toMatchObject({ type: "set", character: { state: { gold: 0 } } });
  });

  test("sells nothing that it has not offered, to nobody who did not ask or went away", () => {
    const { click, buy, map, charId } = shop();
    expect(buy({ item: rope, amount: 1 })).toEqual(no("no-shop"));
    click();
    expect(buy({ item: 1, amount: 1 })).toEqual(no("no-shop"));
    for (const amount of [0, -1, 1.5]) expect(buy({ item: rope, amount })).toEqual(no("no-shop"));
    map.step(charId, { x: 20, y: 5 });
    map.step(charId, { x: 6, y: 5 });
    expect(buy({ item: rope, amount: 1 })).toEqual(no("no-shop"));
  });
});
