import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { type Belonging, belongingsOf, type Shown, titleOf } from "../src/belongings.ts";

const text = (key: string, of: string): Belonging => ({ key, text: of, rows: [] });
const row = (name: string, amount: number | null) => ({ name, amount, use: null });

describe("what a game shows of the own character", () => {
  test.each<[string, Shown, readonly Belonging[]]>([
    ["nothing shows nothing", {}, []],
    ["a key without a value shows nothing", { guild: null }, []],
    [
      "a number, a text and a truth value",
      { hp: 0, job: "smith", isKing: false },
      [text("hp", "0"), text("job", "smith"), text("isKing", "false")],
    ],
    [
      "amounts by name, without those that are 0",
      { bag: { shell: 2, coral: 0 } },
      [{ key: "bag", text: null, rows: [row("shell", 2)] }],
    ],
    [
      "names in a list",
      { spells: ["fire", "fire"] },
      [{ key: "spells", text: null, rows: [row("fire", null), row("fire", null)] }],
    ],
    [
      "things with a name and an amount",
      { pack: [{ name: "Axe", amount: 1 }, { name: "Map" }] },
      [{ key: "pack", text: null, rows: [row("Axe", 1), row("Map", null)] }],
    ],
    ["an empty list", { bag: {} }, [{ key: "bag", text: null, rows: [] }]],
    [
      "anything else as JSON",
      { home: { map: "yard", x: 3 }, grid: [[1]] },
      [text("home", '{"map":"yard","x":3}'), text("grid", "[[1]]")],
    ],
    ["bytes by their number", { face: new Uint8Array(3) }, [text("face", "3 B")]],
  ])("%s", (_, shown, belongings) => {
    expect(belongingsOf(shown)).toEqual(belongings);
  });

  it("has its lists last", () => {
    const keys = belongingsOf({ bag: { shell: 1 }, gold: 3, spells: [], quest: "none" }).map(
      ({ key }) => key,
    );
    expect(keys).toEqual(["gold", "quest", "bag", "spells"]);
  });

  it("has a command for each ware of the sample world that is in the bag, and nowhere else", () => {
    const used = belongingsOf({ bag: { rope: 1, shell: 1 }, chest: { rope: 1 } });
    const uses = used.flatMap(({ rows }) => rows.flatMap(({ use }) => use ?? []));
    expect(uses).toEqual([{ type: "send", name: "bag.use", input: { item: "rope" } }]);
  });

  it("is bounded, whatever a game sends", () => {
    const long = "ß".repeat(500);
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`n${index}`, 1]));
    expect(belongingsOf(many)).toHaveLength(24);
    expect(belongingsOf({ many })[0]?.rows).toHaveLength(48);
    expect(belongingsOf({ long })[0]?.text).toHaveLength(121);
    const value = fc.object({
      withNullPrototype: true,
      withTypedArray: false,
      values: [fc.string(), fc.double(), fc.boolean(), fc.constant(null), fc.uint8Array()],
    });
    fc.assert(
      fc.property(value, (shown) => {
        for (const { text: shownText, rows } of belongingsOf(shown as Shown))
          expect(shownText === null || rows.length === 0).toBe(true);
      }),
    );
  });
});

test.each<[Shown, string | null]>([
  [{ title: "Friend of the harbour" }, "Friend of the harbour"],
  [{ title: "  " }, null],
  [{ title: 3 }, null],
  [{ hp: 3 }, null],
])("of %j the title is %j", (shown, title) => {
  expect(titleOf(shown)).toBe(title);
});
