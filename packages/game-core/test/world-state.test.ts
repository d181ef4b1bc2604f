import { packValue } from "@sallyport/wire";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { applyChange, defineGame, loadWorld } from "../src/index.ts";
import { PlayedMap } from "./played-map.ts";
import { harbour } from "./sample-game.ts";

const came = { key: "visitors", change: "came", input: { name: "Ann" } };

describe("a change of the world", () => {
  test("begins from the initial state if nothing is stored", () => {
    expect(applyChange(harbour, came, undefined)).toEqual({ count: 1, last: "Ann" });
    expect(applyChange(harbour, came, { count: 4, last: "Bob" })).toEqual({ count: 5, last: "Ann" });
  });

  test("never overwrites what the game does not understand", () => {
    expect(() => applyChange(harbour, came, { count: "many" })).toThrow(/^world.visitors: count: /);
    expect(() => loadWorld(harbour, "visitors", 5)).toThrow(/^world.visitors: /);
  });

  test("that the game does not have is an error", () => {
    expect(() => applyChange(harbour, { ...came, change: "toString" }, undefined)).toThrow(
      /has no "toString"/,
    );
    expect(() => applyChange(harbour, { ...came, key: "__proto__" }, undefined)).toThrow(
      /no world.__proto__/,
    );
  });
});

describe("a map", () => {
  test("asks for a change, and reads the new state only when it arrives", () => {
    const map = new PlayedMap();
    map.open(new Map([["visitors", { count: 8, last: "Bob" }]]));
    const { charId, effects } = map.enter(1);
    expect(effects.at(-1)).toEqual({ type: "change-world", ...came, input: { name: "Ann1" } });
    expect(map.game.worldChanged("visitors", { count: 9, last: "Ann1" }, map.at)).toEqual([
      { type: "send", to: [charId], name: "tide", body: packValue({ level: 9 }) },
    ]);
  });

  test("reports a state that it does not understand, and goes on with the one it has", () => {
    const map = new PlayedMap();
    map.open();
    map.enter(1);
    expect(map.game.worldChanged("visitors", { count: "many" }, map.at)).toMatchObject([
      { type: "fault", handler: "world.visitors" },
    ]);
    expect(map.game.worldChanged("unknown", 1, map.at)).toEqual([]);
  });

  test("begins with the initial state if the stored one does not fit, and reports it", () => {
    const effects = new PlayedMap().open(new Map([["visitors", 5]]));
    expect(effects).toMatchObject([{ type: "fault", handler: "world.visitors" }]);
  });

  test("stores only what JSON can hold", () => {
    const game = defineGame({
      name: "dated",
      world: {
        fair: {
          schema: z.object({ day: z.string() }),
          initial: { day: "" },
          changes: { held: { input: z.date(), apply: (_, day) => ({ day: day.toISOString() }) } },
        },
      },
      opened: (it) => it.changeWorld("fair", "held", new Date(0)),
    });
    const [fault] = new PlayedMap([], game).open();
    expect(String(fault?.type === "fault" && fault.error)).toContain(
      "world.fair.changes.held: the input is a Date, which JSON cannot hold",
    );
  });
});
