import { readSettings } from "@sallyport/server-kit";
import { describe, expect, test } from "vitest";
import { charSettings } from "../src/index.ts";

const spawnOf = (WORLD_SPAWN: string) => readSettings({ spawn: charSettings.spawn }, { WORLD_SPAWN }).spawn;

describe("new characters", () => {
  test.each([
    ["1@cata", { map: "1@cata", x: 0, y: 0 }],
    ["06guild_r:12,30", { map: "06guild_r", x: 12, y: 30 }],
    ["new_1-1:53,111", { map: "new_1-1", x: 53, y: 111 }],
  ])("may begin at %s, named like a map of older clients", (text, spawn) => {
    expect(spawnOf(text)).toEqual(spawn);
  });

  test.each(["@cata", "harbour:1", "the-long-yard", "Harbour"])("may not begin at %s", (text) => {
    expect(() => spawnOf(text)).toThrow("WORLD_SPAWN");
  });
});
