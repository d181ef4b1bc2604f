import type { JsonObject } from "@sallyport/domain";
import { attributesCharsMax } from "@sallyport/domain";
import { unpackValue } from "@sallyport/wire";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { changesBetween, ownOf, shownOf } from "../src/character/character-state.ts";
import { defineGame, type LoadedCharacter, loadState } from "../src/index.ts";

const game = defineGame({
  name: "harbour",
  character: {
    schema: z.object({
      gold: z.number().int().min(0),
      bag: z.record(z.string(), z.number()),
      title: z.string().optional(),
      secret: z.number().default(7),
    }),
    version: 3,
    initial: { gold: 10, bag: {}, secret: 1 },
    migrations: {
      0: (old: { steps?: number }) => ({ coins: old.steps ?? 0 }),
      1: (old: { coins: number }) => ({ gold: old.coins }),
      2: (old: { gold: number }) => ({ ...old, bag: {} }),
    },
    own: ["gold", "bag"],
    shown: ["title"],
  },
});

function loaded(attributes: JsonObject): LoadedCharacter {
  const loading = loadState(game, attributes);
  if (!loading.ok) throw new Error(loading.reason);
  return loading.character;
}

const reason = (attributes: JsonObject): string => {
  const loading = loadState(game, attributes);
  return loading.ok ? "fits" : loading.reason;
};

describe("a character that is loaded", () => {
  test("has the initial state if it is new", () => {
    expect(loaded({})).toEqual({
      state: { gold: 10, bag: {}, secret: 1 },
      attributes: { $version: 3, gold: 10, bag: {}, secret: 1 },
    });
  });

  test("is brought to the newest version from any older one", () => {
    const expected = { gold: 4, bag: {}, secret: 7 };
    expect(loaded({ steps: 4 }).state).toEqual(expected);
    expect(loaded({ $version: 1, coins: 4 }).state).toEqual(expected);
    expect(loaded({ $version: 2, gold: 4 }).state).toEqual(expected);
    expect(loaded({ $version: 3, gold: 4, bag: {} }).state).toEqual(expected);
  });

  test("comes back unchanged from its own attributes", () => {
    const once = loaded({ steps: 4 });
    expect(loaded(once.attributes)).toEqual(once);
    expect(loaded(JSON.parse(JSON.stringify(once.attributes)) as JsonObject)).toEqual(once);
  });

  test("of version 0 counts as version 1 if no migration says otherwise", () => {
    const plain = defineGame({
      name: "plain",
      character: { schema: z.object({ steps: z.number() }), initial: { steps: 0 } },
    });
    expect(loadState(plain, { steps: 4 })).toEqual({
      ok: true,
      character: { state: { steps: 4 }, attributes: { $version: 1, steps: 4 } },
    });
  });

  test("keeps its attributes as they are in a game without characters", () => {
    const attributes = { $version: 9, anything: [1] };
    const loading = loadState(defineGame({ name: "bare" }), attributes);
    expect(loading).toEqual({ ok: true, character: { state: {}, attributes } });
  });

  test("cannot be changed behind the back of the game", () => {
    const { state, attributes } = loaded({});
    expect(() => Object.assign(state, { gold: 1_000 })).toThrow(TypeError);
    expect(() => Object.assign(state["bag"] as object, { rope: 1 })).toThrow(TypeError);
    expect(() => Object.assign(attributes, { gold: 1_000 })).toThrow(TypeError);
  });
});

describe("attributes that fit no version are refused", () => {
  test("with the field as the reason", () => {
    expect(reason({ $version: 3, gold: -1, bag: {} })).toMatch(/^gold: /);
    expect(reason({ $version: 3, gold: 1 })).toMatch(/^bag: /);
    expect(reason({ $version: 4, gold: 1, bag: {} })).toBe(
      "has version 4, but the newest version of the game is 3",
    );
    for (const $version of [-1, 1.5, "2", null]) {
      expect(reason({ $version, gold: 1 })).toBe(
        `$version is ${JSON.stringify($version)}, not a whole number`,
      );
    }
  });

  test("if a migration fails or returns no object", () => {
    const from = (migrate: () => object) =>
      loadState(
        defineGame({
          name: "failing",
          character: { schema: z.object({}), initial: {}, version: 2, migrations: { 1: migrate } },
        }),
        { $version: 1, gold: 1 },
      );
    const failing = (): never => {
      throw new Error("no way");
    };
    expect(from(failing)).toEqual({ ok: false, reason: "migrations[1] failed: Error: no way" });
    expect(from(() => null as never)).toEqual({ ok: false, reason: "migrations[1] returned no object" });
  });

  test("if a save could not hold them", () => {
    const bag = Object.fromEntries(Array.from({ length: 40 }, (_, item) => [`${item}`.repeat(4_000), 1]));
    expect(reason({ $version: 3, gold: 1, bag })).toMatch(
      new RegExp(`characters long as JSON, and a save holds ${attributesCharsMax}$`),
    );
  });
});

describe("clients are shown", () => {
  const start = loaded({ $version: 3, gold: 4, bag: { rope: 1 }, title: "Duke" });
  const changed = (changes: object) => {
    const after = loaded({ ...start.attributes, ...changes } as JsonObject);
    const { own, shown } = changesBetween(game, start, after);
    return { own: own && unpackValue(own), shown: shown && unpackValue(shown) };
  };

  test("first all keys that are theirs to see", () => {
    expect(unpackValue(ownOf(game, start) ?? new Uint8Array())).toEqual({
      gold: 4,
      bag: { rope: 1 },
      title: "Duke",
    });
    expect(unpackValue(shownOf(game, start))).toEqual({ title: "Duke" });
  });

  test("then only what changed, and others nothing of what is the client's own", () => {
    expect(changed({ gold: 5 })).toEqual({ own: { gold: 5 }, shown: null });
    expect(changed({ bag: { rope: 2 } })).toEqual({ own: { bag: { rope: 2 } }, shown: null });
    expect(changed({ title: "King" })).toEqual({ own: { title: "King" }, shown: { title: "King" } });
  });

  test("nothing if nothing changed that they see", () => {
    expect(changed({ secret: 9 })).toEqual({ own: null, shown: null });
    expect(changed({ bag: { rope: 1 } })).toEqual({ own: null, shown: null });
  });

  test("nil for a key that is gone", () => {
    const { title: _, ...rest } = start.attributes;
    const { own, shown } = changesBetween(game, start, loaded(rest));
    expect(own && unpackValue(own)).toEqual({ title: null });
    expect(shown && unpackValue(shown)).toEqual({});
  });

  test("nothing at all by a game that names no keys", () => {
    const silent = defineGame({ name: "silent" });
    expect(ownOf(silent, start)).toBeNull();
    expect(shownOf(silent, start)).toEqual(new Uint8Array());
  });
});
