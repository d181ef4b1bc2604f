import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineGame, defineMessages, type GameDefinition, GameError, type Shape } from "../src/index.ts";
import { harbour } from "./sample-game.ts";

/** The error of a definition that the compiler might refuse, too. */
function problem(definition: object): string {
  try {
    defineGame(definition as GameDefinition<Shape> as never);
  } catch (error) {
    if (error instanceof GameError) return error.message;
    throw error;
  }
  return "nothing";
}

const handler = () => {};
const npc = { kind: "npc", name: "Mara" };
const gold = z.object({ gold: z.number() });
const withActor = (mara: object) => problem({ name: "a", actors: { mara } });
const withCharacter = (character: object) =>
  problem({ name: "a", character: { schema: gold, initial: { gold: 1 }, ...character } });

test("a complete definition is right", () => {
  expect(problem(harbour.definition)).toBe("nothing");
  expect(problem({ name: "a" })).toBe("nothing");
});

describe("the error of a definition names the field", () => {
  test.each([
    [{ name: "" }, 'name is "", not a text of 1 to 64 characters'],
    [{ name: "My Game" }, 'name is "My Game"; use a small letter, and small letters, digits or "-"'],
    [{ name: "a", comands: {} }, /^the game has a field "comands"; it can have name, messages, /],
    [{ name: "a", entered: "hello" }, "entered is no function"],
    [{ name: "a", entered: async () => {} }, "entered is asynchronous; a handler must return at once"],
    [
      { name: "a", tick: { everyMs: 1, run: handler } },
      "tick.everyMs is 1, not a whole number from 50 to 3600000",
    ],
    [{ name: "a", timers: { tide: handler } }, /^timers.tide is .*, not an object$/],
    [{ name: "a", timers: { "a b": { run: handler } } }, /^timers has the name "a b"; use a letter/],
    [{ name: "a", timers: { tide: { data: {}, run: handler } } }, /^timers.tide.data is no schema/],
    [{ name: "a", map: { schema: gold, initial: {} } }, "map.initial is no function"],
    [{ name: "a", items: { rope: { id: 0, name: "Rope" } } }, /^items.rope.id is 0, not a whole number/],
    [
      { name: "a", items: { rope: { id: 1, name: "Rope" }, net: { id: 1, name: "Net" } } },
      "items.net.id is 1, which is the id of items.rope too",
    ],
    [
      { name: "a", world: { seen: { schema: gold, initial: {} } } },
      /^world.seen.initial does not fit the schema: gold: /,
    ],
    [
      { name: "a", world: { seen: { schema: gold, initial: { gold: 1 }, changes: { add: handler } } } },
      /^world.seen.changes.add is .*, not an object$/,
    ],
  ])("%j", (definition, expected) => {
    expect(problem(definition)).toMatch(expected);
  });

  test("of an actor", () => {
    expect(withActor({ name: "Mara" })).toBe('actors.mara.kind is none of "npc", "monster" and "item"');
    expect(withActor({ ...npc, name: "x".repeat(47) })).toMatch(
      /^actors.mara.name is "x+", not a text of 1 to 46/,
    );
    expect(withActor({ ...npc, taken: handler })).toMatch(
      /^actors.mara has a field "taken"; it can have kind, /,
    );
    expect(withActor({ ...npc, class: 70_000 })).toMatch(/^actors.mara.class is 70000, not a whole number/);
    expect(withActor({ kind: "item", name: "Shell" })).toBe("actors.mara.taken is no function");
    expect(withActor({ kind: "monster", name: "Crab", mind: { wanders: 1, everyMs: 0 } })).toMatch(
      /^actors.mara.mind.everyMs is 0/,
    );
  });

  test("of a dialogue", () => {
    const dialogue = (pages: object) => withActor({ ...npc, dialogue: pages });
    const start = { says: "Hello." };
    expect(dialogue({ accept: start })).toBe("actors.mara.dialogue has no page `start`");
    expect(dialogue({ start, accept: { says: "Good.", then: "acept" } })).toBe(
      'actors.mara.dialogue.accept leads to "acept", which is no page',
    );
    expect(dialogue({ start: { says: "Well?", choices: { Yes: "toString" } } })).toBe(
      'actors.mara.dialogue.start leads to "toString", which is no page',
    );
    expect(dialogue({ start: { says: "Well?", choices: {} } })).toMatch(
      /^actors.mara.dialogue.start has 0 choices/,
    );
    expect(dialogue({ start: { says: "" } })).toBe("actors.mara.dialogue.start has no text in `says`");
    expect(dialogue({ start: { says: "x".repeat(1_001) } })).toMatch(/ says more than 1000 characters$/);
    expect(dialogue({ start: { says: "Well?", choices: { Yes: null }, then: "start" } })).toMatch(
      /^actors.mara.dialogue.start has `choices` and `then`/,
    );
  });

  test("of a shop", () => {
    const items = { rope: { id: 1, name: "Rope" } };
    const withShop = (shop: unknown, more: object = { bought: handler }) =>
      problem({ name: "a", items, actors: { dock: { ...npc, shop } }, ...more });
    expect(withShop([{ item: "rope", price: 5 }])).toBe("nothing");
    expect(withShop([{ item: "roep", price: 5 }])).toBe(
      'actors.dock.shop[0].item is "roep", which is none of `items`',
    );
    expect(withShop([{ item: "rope", price: -1 }])).toMatch(/^actors.dock.shop\[0\].price is -1/);
    expect(withShop([])).toMatch(/^actors.dock.shop has 0 goods/);
    expect(withShop([{ item: "rope", price: 5 }], {})).toMatch(/^bought is missing/);
  });

  test("of a character", () => {
    expect(withCharacter({ initial: { gold: "1" } })).toMatch(
      /^character.initial does not fit the schema: gold: /,
    );
    expect(withCharacter({ version: 0 })).toMatch(/^character.version is 0/);
    expect(withCharacter({ version: 3, migrations: { 2: handler } })).toBe(
      "character.migrations[1] is missing; it makes version 2 of a state",
    );
    expect(withCharacter({ version: 2, migrations: { 1: handler, 2: handler } })).toMatch(
      /^the key of character.migrations\[2\] is 2, not a whole number from 0 to 1$/,
    );
    expect(withCharacter({ own: "gold" })).toBe('character.own is "gold", not a list');
    const dated = z.object({ since: z.date() });
    expect(withCharacter({ schema: dated, initial: { since: new Date(0) } })).toMatch(
      /^character.initial cannot be stored: character.initial.since is a Date/,
    );
    const rising = z.object({ gold: z.number().transform((coins) => coins + 1) });
    expect(withCharacter({ schema: rising })).toMatch(/^character.initial becomes another value each time/);
  });

  test("of a command", () => {
    const messages = defineMessages({ commands: { "chest.open": z.object({}) } });
    expect(problem({ name: "a", messages })).toBe('commands["chest.open"] is no function');
    expect(problem({ name: "a", messages, commands: { "chest.opne": handler } })).toBe(
      'commands has a field "chest.opne"; it can have chest.open',
    );
  });
});

describe("messages", () => {
  const problemOf = (define: () => unknown): string => {
    try {
      define();
    } catch (error) {
      if (error instanceof GameError) return error.message;
      throw error;
    }
    return "nothing";
  };

  test("have short names", () => {
    for (const name of ["", "1st", "__proto__", "a b", "x".repeat(65)]) {
      const commands = Object.fromEntries([[name, z.object({})]]);
      expect(problemOf(() => defineMessages({ commands }))).toMatch(/^commands has the name "/);
    }
    expect(problemOf(() => defineMessages({ events: { ["x".repeat(64)]: z.object({}) } }))).toBe("nothing");
  });

  test("have schemas that validate at once", () => {
    const later = async (): Promise<boolean> => true;
    const schemas = {
      zod: z.string().refine(later),
      nested: z.object({ chest: z.object({ key: z.number().refine(later) }) }),
      inList: z.array(z.string().refine(later)),
      inRecord: z.record(z.string(), z.boolean().refine(later)),
      valibot: v.objectAsync({ a: v.pipeAsync(v.string(), v.checkAsync(later)) }),
      own: { "~standard": { version: 1, vendor: "own", validate: async () => ({ value: 1 }) } },
    } as const;
    for (const [name, schema] of Object.entries(schemas)) {
      expect(problemOf(() => defineMessages({ commands: { [name]: schema } }))).toBe(
        `commands["${name}"]: the schema is asynchronous, or throws; use one that validates at once`,
      );
    }
  });

  test("refuse values, and never throw for them", () => {
    const prices: Record<string, { gold: number }> = {};
    const known = z.string().refine((item) => (prices[item] as { gold: number }).gold > 0);
    const own = { "~standard": { version: 1, vendor: "own", validate: () => prices["a"]?.gold.toFixed() } };
    for (const schema of [known, z.object({ item: known }), own as never]) {
      expect(problemOf(() => defineMessages({ commands: { buy: schema } }))).toMatch(/^commands\["buy"\]: /);
    }
  });

  test("have schemas of any library with Standard Schema, and nothing else", () => {
    const schemas = { zod: z.object({ a: z.string() }), valibot: v.object({ a: v.string() }) };
    expect(problemOf(() => defineMessages({ commands: schemas, events: schemas }))).toBe("nothing");
    for (const schema of [undefined, null, {}, "string", () => true]) {
      expect(problemOf(() => defineMessages({ events: { a: schema as never } }))).toMatch(
        /^events\["a"\] is no schema; use Zod, Valibot/,
      );
    }
    const newer = { "~standard": { version: 2, vendor: "own", validate: () => ({ value: 1 }) } };
    expect(problemOf(() => defineMessages({ events: { a: newer as never } }))).toMatch(
      / of another version /,
    );
  });
});
