import { packValue, unpackValue } from "@sallyport/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Effect } from "../src/index.ts";
import { object, PlayedMap } from "./played-map.ts";

const typesOf = (effects: readonly Effect[]) => effects.map(({ type }) => type);

describe("a map", () => {
  test("begins with the actors of its objects", () => {
    const map = new PlayedMap([object("mara", 3, 4), object("tree", 1, 1)]);
    expect(map.open()).toEqual([
      { type: "spawn", actor: 0x8000_0000, cell: { x: 3, y: 4 }, kind: "npc", name: "Mara", class: 112 },
    ]);
  });

  test("reports an object on a wall, and places the others", () => {
    const map = new PlayedMap([object("crab", 39, 4), object("crab", 3, 4)]);
    const effects = map.open();
    expect(typesOf(effects)).toEqual(["fault", "spawn"]);
    expect(effects[0]).toMatchObject({ handler: "the map object crab at 39,4" });
  });

  test("shows a player its own state as it enters", () => {
    const { effects, charId } = new PlayedMap().enter(1);
    const [first] = effects;
    if (first?.type !== "character.changed") throw new Error("nothing shown");
    expect(first.charId).toBe(charId);
    expect(unpackValue(first.changes)).toEqual({ gold: 10, bag: {} });
  });

  test("runs timers when they are due, and each once", () => {
    const map = new PlayedMap();
    map.open();
    const { charId } = map.enter(1);
    expect(map.game.nextDueMs()).toBe(1_000);
    expect(map.due(999)).toEqual([]);
    expect(map.due(1_000)).toEqual([
      { type: "send", to: [charId], name: "tide", body: packValue({ level: 1 }) },
    ]);
    expect(map.due(1_100)).toEqual([]);
    expect(map.game.nextDueMs()).toBe(1_500);
  });
});

test("what a player says reaches the game, unless the player is not there", () => {
  const map = new PlayedMap();
  map.open();
  const { charId } = map.enter(1);
  expect(map.say(1, "higher")).toMatchObject([
    { type: "set", charId, character: { attributes: { gold: 11 } } },
    { type: "character.changed", charId },
  ]);
  expect(map.say(1, "something else")).toEqual([]);
  expect(map.say(2, "higher")).toEqual([]);
});

describe("a command", () => {
  test("changes the character, and the client gets only what changed", () => {
    const map = new PlayedMap([object("chest", 5, 6)]);
    const chest = map.idOf(map.open(), "Chest");
    const { charId } = map.enter(1);
    const { answer, effects } = map.command(charId, "chest.open", { chest });
    expect(answer).toEqual({ ok: true });
    expect(effects).toMatchObject([
      { type: "set", charId, character: { attributes: { $version: 2, gold: 13, visits: 0, bag: {} } } },
      { type: "character.changed", charId, changes: packValue({ gold: 13 }) },
      { type: "send", to: [charId], name: "chest.opened", body: packValue({ gold: 13 }) },
    ]);
  });

  test("that the game refuses does nothing, and its word is the answer", () => {
    const map = new PlayedMap();
    const { charId } = map.enter(1);
    const { answer, effects } = map.command(charId, "chest.open", { chest: 1 });
    expect(answer).toEqual({ ok: false, refusal: "refused", word: "no-chest" });
    expect(effects).toEqual([]);
  });

  test("with a name or a body that the game does not have is refused", () => {
    const map = new PlayedMap();
    const { charId } = map.enter(1);
    const ask = (name: string, body: Uint8Array) => map.game.command(charId, name, body, map.at).answer;
    for (const name of ["chest.close", "toString", "__proto__", ""]) {
      expect(ask(name, packValue({}))).toEqual({ ok: false, refusal: "unknown-command" });
    }
    for (const body of [packValue({ chest: 1.5 }), packValue(null), new Uint8Array(), Uint8Array.of(0xc1)]) {
      expect(ask("chest.open", body)).toMatchObject({ ok: false, refusal: "invalid" });
    }
  });

  test("of any bytes is answered, and never throws", () => {
    const map = new PlayedMap([object("chest", 5, 6)]);
    map.open();
    const { charId } = map.enter(1);
    const value = fc.anything({ withBigInt: false, withDate: false, withMap: false, withSet: false });
    const packed = value.map((each) => {
      try {
        return packValue(each);
      } catch {
        return packValue(null);
      }
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 40 }), packed), (body) => {
        const { answer, effects } = map.game.command(charId, "chest.open", body, map.at);
        expect(effects).toEqual([]);
        expect(answer).toMatchObject({ ok: false, refusal: expect.stringMatching(/^(invalid|refused)$/) });
      }),
    );
  });
});
