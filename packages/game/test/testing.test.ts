import { defineGame, defineMessages } from "@sallyport/game";
import { testWorld } from "@sallyport/game/testing";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import harbour from "./example/game.ts";

const pier = "name: pier\nspawn: 2,2\nsize: 20x12\nobject: mara 4,4\nobject: chest 5,4\nobject: dock 4,6";

describe("a world of the test", () => {
  test("answers commands, and tells the client what happens", () => {
    const world = testWorld(harbour, { maps: [pier] });
    const ann = world.enter("Ann", { at: [4, 5] });
    const [chest] = world.actors("chest");
    expect(chest).toMatchObject({ map: "pier", x: 5, y: 4, state: { gold: 3 } });
    expect(ann.send("chest.open", { chest: chest?.id ?? 0 })).toEqual({ ok: true });
    expect(ann.events).toEqual([{ name: "chest.opened", body: { gold: 3 } }]);
    expect(ann.character.gold).toBe(13);
    expect(ann.own).toEqual({ gold: 13, ropes: 0 });
    expect(world.state("chests")).toEqual({ opened: 1 });
    expect(ann.send("chest.open", { chest: 7 })).toMatchObject({ refusal: "refused", word: "no-chest" });
    world.passes(60_000);
    expect(world.actors("chest")).toHaveLength(1);
  });

  test("shows dialogues and shops as a client does", () => {
    const ann = testWorld(harbour, { maps: [pier] }).enter("Ann", { at: [4, 5] });
    ann.click("mara");
    expect(ann.dialogue).toMatchObject({ says: "Hello Ann. Will you help me?", waitsFor: "choice" });
    expect(() => ann.answer()).toThrow('answer("Yes, gladly.", "Not now.")');
    expect(() => ann.answer("No")).toThrow('has no choice "No"; it has only the choices "Yes, gladly."');
    ann.answer("Yes, gladly.");
    expect(ann.dialogue).toMatchObject({ says: "Then take this.", waitsFor: "next" });
    ann.answer();
    expect(ann.dialogue).toMatchObject({ waitsFor: "close", choices: [] });
    ann.answer();
    expect(ann.dialogue).toBeNull();
    expect(() => ann.answer()).toThrow("Ann is in no dialogue");
    expect(() => ann.buy({ rope: 1 })).toThrow("Ann was offered nothing");
    ann.click("dock");
    expect(ann.shop).toEqual([{ item: "rope", price: 5 }]);
    expect(ann.buy({ rope: 3 })).toEqual({ ok: true });
    expect(ann.buy({ rope: 1 })).toEqual({ ok: false, refusal: "too-dear" });
    expect(ann.character).toEqual({ gold: 0, ropes: 3, title: "Helper" });
  });

  test("ends a dialogue when the player closes it or walks away", () => {
    const ann = testWorld(harbour, { maps: [pier] }).enter("Ann", { at: [4, 5] });
    ann.click("mara");
    ann.closeDialogue();
    expect(ann.dialogue).toBeNull();
    ann.click("mara");
    ann.walkTo(14, 5);
    expect(ann.cell).toEqual({ x: 14, y: 5 });
    expect(ann.dialogue).toBeNull();
    expect(ann.click("mara")).toEqual({ ok: false, refusal: "too-far" });
  });

  test("names what is near if an actor is not there", () => {
    const ann = testWorld(harbour, { maps: [pier] }).enter("Ann", { at: [4, 5] });
    expect(() => ann.click("crab")).toThrow(
      'pier has no "crab" for Ann, who is at 4,5; nearest are mara at 4,4, chest at 5,4, dock at 4,6',
    );
    expect(() => ann.walkTo(30, 5)).toThrow("Ann finds no way from 4,5 to 30,5 on pier");
  });

  test("loads what was stored, with the migrations", () => {
    const world = testWorld(harbour);
    expect(world.enter("Old", { stored: { $version: 1, gold: 4 } }).character).toEqual({ gold: 4, ropes: 0 });
    expect(world.enter("Rich", { character: { gold: 900 } }).stored).toEqual({
      $version: 2,
      gold: 900,
      ropes: 0,
    });
    expect(() => world.enter("Bad", { stored: { $version: 2, gold: -1 } })).toThrow(
      "the character of Bad does not fit the game: ",
    );
  });

  test("shows players what the game shows of others", () => {
    const world = testWorld(harbour);
    const ann = world.enter("Ann");
    world.enter("Bob", { character: { title: "Captain" } });
    expect(ann.sees).toMatchObject([{ kind: "player", name: "Bob", shown: { title: "Captain" } }]);
  });

  test("has the objects of its maps", () => {
    const west = `${pier}\nobject: nest 9,9 crabs=1`;
    const east = "name: east\nspawn: 2,2\nsize: 20x12\nobject: nest Dune 3,3 4x2 crabs=2";
    const world = testWorld(harbour, { maps: [west, east] });
    expect(world.objects("nest")).toMatchObject([
      { map: "pier", name: "", x: 9, y: 9, properties: { crabs: 1 } },
      { map: "east", name: "Dune", width: 4, height: 2, properties: { crabs: 2 } },
    ]);
    expect(world.actors("crab").map(({ map }) => map)).toEqual(["pier", "east", "east"]);
    expect(() => testWorld(harbour, { maps: [`${pier}\nobject: nest 9,9`] })).toThrow(
      "the map object nest at 9,9 failed on pier: properties: crabs: ",
    );
  });

  test("is the same in each run with the same seed, and another one with another seed", () => {
    const run = (seed: number) => {
      const world = testWorld(harbour, { maps: [`${pier}\nobject: crab 10,8`], seed });
      const ann = world.enter("Ann");
      const way: unknown[] = [];
      for (let second = 0; second < 60; second += 1) {
        world.passes(1_000);
        way.push(world.actors("crab"), ann.character, world.mapState());
      }
      return way;
    };
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
  });
});

const state = z.object({ steps: z.number().int(), word: z.string() });
const walker = (word: z.ZodType<string> = z.string()) =>
  defineGame({
    name: "walker",
    messages: defineMessages({ commands: { fail: z.null(), fly: z.string() } }),
    character: { schema: state.extend({ word }) as typeof state, initial: { steps: 0, word: "hello" } },
    world: {
      visits: {
        schema: z.object({ count: z.number() }),
        initial: { count: 0 },
        changes: {
          came: {
            input: null,
            apply({ count }) {
              if (count > 2) throw new Error("the book is full");
              return { count: count + 1 };
            },
          },
        },
      },
    },
    entered: (it) => it.changeWorld("visits", "came"),
    stepped: (it) => it.set({ steps: it.character.steps + 1 }),
    left: (it) => it.set({ word: "bye" }),
    commands: {
      fail() {
        throw new Error("a bug");
      },
      fly: (it, map) => it.warp({ map, x: 4, y: 5 }),
    },
  });

describe("with several maps", () => {
  const maps = [
    "name: west\nspawn: 2,2\nsize: 20x12\nwarp: 9,2 -> east:3,3",
    "name: east\nspawn: 2,2\nsize: 20x12\nmovement: reported unitsPerCell=100 greatestSpeed=1000",
  ];

  test("a player walks through a warp, and reports its way where clients do that", () => {
    const ann = testWorld(walker(), { maps }).enter("Ann", { at: [5, 2] });
    ann.walkTo(12, 2);
    expect([ann.map, ann.cell, ann.character.steps]).toEqual(["east", { x: 3, y: 3 }, 4]);
    ann.walkTo(8, 5);
    expect([ann.cell, ann.character.steps]).toEqual([{ x: 8, y: 5 }, 9]);
  });

  test("a game warps to cells, also on a map whose positions are in units", () => {
    const ann = testWorld(walker(), { maps }).enter("Ann");
    for (const map of ["east", "west"]) {
      ann.send("fly", map);
      expect([ann.map, ann.cell]).toEqual([map, { x: 4, y: 5 }]);
    }
    expect(() => ann.send("fly", "north")).toThrow('the world has no map "north"; it has west, east');
  });

  test("a player that leaves is saved after `left`", () => {
    const ann = testWorld(walker(), { maps }).enter("Ann");
    ann.leave();
    expect(ann.stored).toMatchObject({ word: "bye" });
    expect(() => ann.walkTo(3, 3)).toThrow("Ann is on no map any more: left");
  });
});

describe("a handler that fails", () => {
  test("fails the test, with the error of the module as the cause", () => {
    const ann = testWorld(walker()).enter("Ann");
    expect(() => ann.send("fail", null)).toThrow('commands["fail"] failed on meadow: a bug');
  });

  test("is a fault if the world keeps faults, also in a change of the state of the world", () => {
    const world = testWorld(walker(), { keepsFaults: true, world: { visits: { count: 2 } } });
    const ann = world.enter("Ann");
    world.enter("Bob");
    expect(ann.send("fail", null)).toEqual({ ok: false, refusal: "failed" });
    expect(world.state("visits")).toEqual({ count: 3 });
    expect(world.faults.map(({ handler, map }) => [handler, map])).toEqual([
      ["world.visits.changes.came", null],
      ['commands["fail"]', "meadow"],
    ]);
  });

  test("is found as the map opens", () => {
    const broken = defineGame({
      name: "broken",
      opened() {
        throw new Error("no");
      },
    });
    expect(() => testWorld(broken)).toThrow("opened failed on meadow: no");
  });
});

test("a reloaded game keeps players whose characters fit it", () => {
  const world = testWorld(walker(), { keepsFaults: true });
  const [ann, bob] = [world.enter("Ann"), world.enter("Bob", { character: { word: "far too long" } })];
  world.reload(walker(z.string().max(5)));
  expect(ann.leftFor).toBeNull();
  expect(bob.leftFor).toContain("word");
  expect(world.faults.map(({ handler }) => handler)).toContain("character");
  expect(bob.stored).toMatchObject({ word: "far too long" });
});
