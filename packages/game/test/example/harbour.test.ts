import { testWorld } from "@sallyport/game/testing";
import { expect, test } from "vitest";
import harbour from "./game.ts";

const pier = `name: pier
spawn: 2,2
size: 20x12
object: mara 4,4
object: chest 5,4
object: dock 4,6
object: nest 18,10 crabs=2
object: zone gate 10,2 1x10 toll=2`;

test("Mara pays enough for a rope", () => {
  const ann = testWorld(harbour, { maps: [pier] }).enter("Ann", { at: [4, 5], character: { gold: 0 } });
  ann.click("dock");
  expect(ann.buy({ rope: 1 })).toEqual({ ok: false, refusal: "too-dear" });
  ann.click("mara");
  ann.answer("Yes, gladly.");
  ann.answer();
  expect(ann.buy({ rope: 1 })).toEqual({ ok: true });
  expect(ann.character).toEqual({ gold: 0, ropes: 1, title: "Helper" });
});

test("a chest opens once, and is full again after a minute", () => {
  const world = testWorld(harbour, { maps: [pier] });
  const ann = world.enter("Ann", { at: [4, 5] });
  const [chest] = world.actors("chest").map(({ id }) => id);
  ann.send("chest.open", { chest: chest ?? 0 });
  expect(ann.events).toEqual([{ name: "chest.opened", body: { gold: 3 } }]);
  expect(ann.send("chest.open", { chest: chest ?? 0 })).toMatchObject({ word: "no-chest" });
  expect(world.state("chests")).toEqual({ opened: 1 });
  world.passes(60_000);
  expect(world.actors("chest")).toHaveLength(1);
});

test("a crab takes gold from a player that it touches", () => {
  const world = testWorld(harbour, { maps: [`${pier}\nobject: crab 12,4`] });
  const ann = world.enter("Ann", { at: [7, 4] });
  ann.walkTo(11, 4);
  world.passes(10_000);
  expect(ann.heard[0]).toEqual({ name: "Crab", text: "Snap!" });
  expect(ann.character.gold).toBeLessThan(10);
});

test("the gate takes its toll from each player that comes in", () => {
  const world = testWorld(harbour, { maps: [pier] });
  const ann = world.enter("Ann", { at: [8, 3] });
  const [gate] = world.objects("zone");
  expect(gate).toMatchObject({ name: "gate", properties: { toll: 2 } });
  ann.walkTo(12, 3);
  expect(ann.character.gold).toBe(8);
});

test("a player who leaves has a score", () => {
  const ann = testWorld(harbour, { maps: [pier] }).enter("Ann");
  ann.leave();
  expect(ann.scores).toEqual([{ board: "Gold of the harbour", score: 10, comment: "when the player left" }]);
});
