import { systemClock } from "@sallyport/clock";
import { defineGame } from "@sallyport/game-core";
import { until } from "@sallyport/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LoadedGame } from "../src/game/load-game.ts";
import { reloadOnChange } from "../src/game/reload-game.ts";
import { GameFolder } from "./game-module.ts";

let folder: GameFolder;
let stop: () => void;
let next: "fits" | "misfit" | "broken";
let loads: number;
const told: string[] = [];

beforeEach(() => {
  folder = new GameFolder();
  [next, loads] = ["fits", 0];
  told.length = 0;
  const module = folder.write("game.ts", "");
  const files = new Set([module]);
  stop = reloadOnChange({
    ...{ module, files, clock: systemClock },
    async load(): Promise<LoadedGame> {
      loads += 1;
      return next === "broken"
        ? { ok: false, problem: "game.ts:1: no", files }
        : { ok: true, game: defineGame({ name: "harbour" }), files };
    },
    put: () => (next === "misfit" ? "Ann does not fit" : null),
    tell: (text) => void told.push(text),
    failed(error) {
      throw error;
    },
  });
});
afterEach(() => {
  stop();
  folder.remove();
});

async function saves(name: string, as: typeof next): Promise<void> {
  const before = loads;
  next = as;
  folder.write(name, "");
  await until(() => loads > before, { what: `${name} is loaded` });
}

test("a problem is told once, however often files beside the game change, and again after it was away", async () => {
  await saves("game.ts", "broken");
  await saves("notes.txt", "broken");
  await saves("game.ts", "misfit");
  await saves("game.ts", "misfit");
  await saves("game.ts", "fits");
  await saves("game.ts", "broken");
  expect(told.map((text) => text.split("\n").at(-1)?.replace(/^.*\//, ""))).toEqual([
    ...["game.ts:1: no", "Ann does not fit", "game.ts: loaded anew", "game.ts:1: no"],
  ]);
});
