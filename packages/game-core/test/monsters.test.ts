import { describe, expect, test } from "vitest";
import { defineGame, type Effect } from "../src/index.ts";
import { object, PlayedMap } from "./played-map.ts";

const shore = defineGame({
  name: "shore",
  actors: {
    shark: { kind: "monster", name: "Shark", touched: (it) => it.warp({ map: "beach", x: 1, y: 1 }) },
  },
});

const walks = (effects: readonly Effect[]) => effects.filter(({ type }) => type === "walk");

function withCrab(x = 10, y = 10) {
  const map = new PlayedMap([object("crab", x, y)]);
  map.draws.push(0);
  const crab = map.idOf(map.open(), "Crab");
  return { map, crab };
}

describe("a monster", () => {
  test("wanders near the cell where it appeared, at its pace", () => {
    const { map, crab } = withCrab();
    map.enter(1, { x: 30, y: 30 });
    map.draws.push(0, 0.99);
    expect(walks(map.due(0))).toEqual([{ type: "walk", actor: crab, to: { x: 7, y: 13 } }]);
    map.cells.set(crab, { x: 7, y: 13 });
    expect(walks(map.due(1_950))).toEqual([]);
    map.draws.push(0.99, 0);
    expect(walks(map.due(2_000))).toEqual([{ type: "walk", actor: crab, to: { x: 13, y: 7 } }]);
  });

  test("does not walk into a wall", () => {
    const { map } = withCrab(0, 0);
    map.enter(1, { x: 30, y: 30 });
    map.draws.push(0, 0);
    expect(walks(map.due(0))).toEqual([]);
  });

  test("rests while nobody is on the map", () => {
    const { map } = withCrab();
    map.due(1_000);
    const withoutPlayers = map.game.nextDueMs();
    expect(walks(map.due(60_000))).toEqual([]);
    map.enter(1, { x: 30, y: 30 });
    expect(map.game.nextDueMs()).toBe(0);
    expect(withoutPlayers).toBeGreaterThan(1_000);
  });

  test("goes on in its own rhythm after a rest, so that monsters do not move together", () => {
    const map = new PlayedMap([object("crab", 10, 10), object("crab", 20, 10)]);
    map.draws.push(0, 0.5);
    map.open();
    map.enter(1, { x: 30, y: 30 });
    expect(walks(map.due(60_500))).toEqual([]);
    expect(map.game.nextDueMs()).toBe(61_000);
    map.draws.push(0, 0);
    expect(walks(map.due(61_000))).toMatchObject([{ to: { x: 17, y: 7 } }]);
    map.draws.push(0, 0);
    expect(walks(map.due(62_000))).toMatchObject([{ to: { x: 7, y: 7 } }]);
  });

  test("walks to the nearest player that it notices, and on when it has arrived", () => {
    const { map, crab } = withCrab();
    map.enter(1, { x: 14, y: 10 });
    map.enter(2, { x: 10, y: 13 });
    expect(walks(map.due(0))).toEqual([{ type: "walk", actor: crab, to: { x: 10, y: 13 } }]);
    map.cells.set(crab, { x: 10, y: 12 });
    map.cells.set(2, { x: 10, y: 16 });
    map.nowMs = 700;
    map.game.arrived(crab, map.at);
    expect(map.game.nextDueMs()).toBe(700);
    expect(walks(map.due(700))).toEqual([{ type: "walk", actor: crab, to: { x: 14, y: 10 } }]);
  });

  test("stays beside the player that it has reached", () => {
    const { map } = withCrab();
    map.enter(1, { x: 11, y: 10 });
    expect(walks(map.due(0))).toEqual([]);
  });
});

describe("a touch", () => {
  const goldIn = (effects: readonly Effect[]) =>
    effects.flatMap((effect) => (effect.type === "set" ? [effect.character.state["gold"]] : []));

  test("happens when the player steps beside the monster", () => {
    const { map, crab } = withCrab();
    map.enter(1, { x: 14, y: 10 });
    expect(map.step(1, { x: 12, y: 10 })).toEqual([]);
    const effects = map.step(1, { x: 11, y: 11 });
    expect(goldIn(effects)).toEqual([9]);
    expect(effects.at(-1)).toEqual({ type: "despawn", actor: crab });
    expect(map.step(1, { x: 10, y: 10 })).toEqual([]);
  });

  test("happens when the monster steps beside players, once for each until they part", () => {
    const map = new PlayedMap([object("shark", 10, 10)], shore);
    const shark = map.idOf(map.open(), "Shark");
    map.enter(1, { x: 12, y: 10 }, {}, shore);
    map.enter(2, { x: 13, y: 10 }, {}, shore);
    const bitten = (effects: readonly Effect[]) =>
      effects.flatMap((effect) => (effect.type === "warp" ? [effect.charId] : []));
    expect(bitten(map.step(shark, { x: 11, y: 10 }))).toEqual([1]);
    expect(bitten(map.step(shark, { x: 12, y: 10 }))).toEqual([2]);
    expect(bitten(map.step(1, { x: 11, y: 10 }))).toEqual([]);
    expect(bitten(map.step(1, { x: 9, y: 10 }))).toEqual([]);
    expect(bitten(map.step(1, { x: 11, y: 10 }))).toEqual([1]);
  });
});
