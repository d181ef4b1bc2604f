import { testWorld } from "@sallyport/game/testing";
import { expect, test } from "vitest";
import game from "../game.ts";

const harbour = "name: harbour\nspawn: 41,31\nsize: 84x64\nobject: mara 44,33";

test("a key of Mara opens the chest, and all who are near hear of it", () => {
  const world = testWorld(game, { maps: [harbour] });
  const [ann, bob] = [world.enter("Ann"), world.enter("Bob")];
  ann.click("treasure");
  ann.click("mara");
  ann.answer("Yes, please.");
  ann.click("treasure");
  expect(ann.character).toEqual({ gold: 5, hasKey: false });
  expect(bob.heard.map(({ text }) => text)).toEqual(["It is locked.", "Ann finds 5 gold!"]);
  expect(world.actors("treasure")).toEqual([]);
  world.passes(10_000);
  expect(world.actors("treasure")).toHaveLength(1);
});
