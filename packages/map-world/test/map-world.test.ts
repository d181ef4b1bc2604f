import { describe, expect, test } from "vitest";
import { type GridMap, MapWorld, type WorldEvent } from "../src/index.ts";
import { drawnMap, openMap } from "./drawn-map.ts";

const stepMs = 150;
const worldOn = (map: GridMap) => new MapWorld({ map, stepMs, viewCells: 5, pathStepsMax: 40 });

describe("walking", () => {
  test("ends the first step one step's time after setting out, and then one step at a time", () => {
    const world = worldOn(openMap(20, 20));
    world.enter({ id: 1, x: 2, y: 2 });
    const path = [
      { x: 3, y: 2 },
      { x: 4, y: 2 },
    ];
    const walks = { type: "walks", actor: { id: 1, x: 2, y: 2 }, path, watchers: [1] };
    expect(world.walk(1, { x: 4, y: 2 }, 1010)).toEqual({ steps: 2, events: [walks] });
    expect(world.nextStepMs()).toBe(1160);
    expect(world.advance(1159)).toEqual([]);
    expect(world.advance(1160)).toEqual([
      { type: "moved", actor: 1, x: 3, y: 2, path, walked: 1, watchers: [1] },
    ]);
    expect(world.nextStepMs()).toBe(1310);
    expect(world.advance(1310)).toEqual([
      { type: "moved", actor: 1, x: 4, y: 2, path, walked: 2, watchers: [1] },
    ]);
    expect(world.nextStepMs()).toBeNull();
  });

  test("shows its course to a caller that asks", () => {
    const world = worldOn(openMap(20, 20));
    world.enter({ id: 1, x: 2, y: 2 });
    expect(world.courseOf(1)).toMatchObject({ path: [], cameFrom: null });
    world.walk(1, { x: 4, y: 2 }, 0);
    world.advance(150);
    const path = [
      { x: 3, y: 2 },
      { x: 4, y: 2 },
    ];
    expect(world.courseOf(1)).toMatchObject({ path, walked: 1, cameFrom: { x: 2, y: 2 } });
    world.advance(300);
    expect(world.courseOf(1)).toMatchObject({ path: [], walked: 0, cameFrom: { x: 3, y: 2 } });
  });

  test("finishes the step in progress before it turns, and starts the new path from there", () => {
    const world = worldOn(openMap(20, 20));
    world.enter({ id: 1, x: 5, y: 5 });
    world.walk(1, { x: 9, y: 5 }, 0);
    expect(world.walk(1, { x: 5, y: 5 }, 100).steps).toBe(2);
    world.advance(150);
    expect(world.position(1)).toEqual({ x: 6, y: 5 });
    world.advance(300);
    expect(world.position(1)).toEqual({ x: 5, y: 5 });
    expect(world.nextStepMs()).toBeNull();
  });

  test("ends where the actor stands when it is stopped, for observers too", () => {
    const world = worldOn(openMap(20, 20));
    world.enter({ id: 1, x: 5, y: 5 });
    world.enter({ id: 2, x: 5, y: 6 });
    world.walk(1, { x: 9, y: 5 }, 0);
    const actor = { id: 1, x: 6, y: 5 };
    expect(world.stop(1, 200)).toEqual([
      expect.objectContaining({ type: "moved", x: 6, y: 5, watchers: expect.arrayContaining([1, 2]) }),
      { type: "walks", actor, path: [], watchers: expect.arrayContaining([1, 2]) },
    ]);
    expect([world.nextStepMs(), world.courseOf(1)?.path]).toEqual([null, []]);
    expect(world.advance(1_000)).toEqual([]);
    expect(world.stop(1, 1_000)).toEqual([]);
    world.walk(1, { x: 7, y: 5 }, 1_000);
    world.advance(1_150);
    expect(world.position(1)).toEqual({ x: 7, y: 5 });
  });

  test("continues as before if there is no path to the new goal", () => {
    const world = worldOn(drawnMap([...new Array(11).fill("............"), ".......#...."]));
    world.enter({ id: 1, x: 1, y: 1 });
    world.walk(1, { x: 3, y: 1 }, 0);
    expect(world.walk(1, { x: 7, y: 11 }, 20).steps).toBeNull();
    world.advance(1000);
    expect(world.position(1)).toEqual({ x: 3, y: 1 });
  });

  test("keeps its pace when it is advanced late, and reports the steps in the order of their times", () => {
    const world = worldOn(openMap(30, 30));
    world.enter({ id: 1, x: 0, y: 0 });
    world.enter({ id: 2, x: 29, y: 29 });
    world.walk(2, { x: 20, y: 29 }, 0);
    world.walk(1, { x: 9, y: 0 }, 70);
    const moves = world.advance(400).map((event) => event.type === "moved" && [event.actor, event.x]);
    expect(moves).toEqual([
      [2, 28],
      [1, 1],
      [2, 27],
      [1, 2],
    ]);
    expect(world.nextStepMs()).toBe(450);
  });

  test("goes in the order of ids for actors that step at one time", () => {
    const world = worldOn(openMap(10, 10));
    for (const id of [3, 1, 2]) world.enter({ id, x: id, y: 1 });
    for (const id of [2, 3, 1]) world.walk(id, { x: id, y: 5 }, 0);
    const order = world.advance(stepMs).map((event) => event.actor);
    expect(order).toEqual([1, 2, 3]);
  });

  test("to the actor's own cell has no steps", () => {
    const world = worldOn(openMap(10, 10));
    world.enter({ id: 1, x: 4, y: 4 });
    expect(world.walk(1, { x: 4, y: 4 }, 0)).toEqual({ steps: 0, events: [] });
    expect(world.nextStepMs()).toBeNull();
  });

  test("is refused without a crash for an actor that has left", () => {
    const world = worldOn(openMap(10, 10));
    expect(world.walk(7, { x: 4, y: 4 }, 0).steps).toBeNull();
    expect(world.leave(7)).toEqual([]);
    expect(world.say(7)).toEqual([]);
    expect(world.position(7)).toBeUndefined();
  });

  test("does not run backwards when given an earlier time", () => {
    const world = worldOn(openMap(10, 10));
    world.enter({ id: 1, x: 1, y: 1 });
    world.advance(1000);
    world.walk(1, { x: 5, y: 1 }, 400);
    expect(world.nextStepMs()).toBe(1150);
  });

  test("stops for good with its actor, which may come back at once", () => {
    const world = worldOn(openMap(10, 10));
    world.enter({ id: 1, x: 1, y: 1 });
    world.walk(1, { x: 5, y: 1 }, 0);
    world.leave(1);
    expect(world.nextStepMs()).toBeNull();
    world.enter({ id: 1, x: 8, y: 8 });
    expect(world.advance(5000)).toEqual([]);
    expect(world.position(1)).toEqual({ x: 8, y: 8 });
  });
});

describe("a warp", () => {
  const map = openMap(12, 12, ["6,1 -> there:3,3"]);

  test("ends the walk that comes over it, and says so after the step", () => {
    const world = worldOn(map);
    world.enter({ id: 1, x: 4, y: 1 });
    expect(world.walk(1, { x: 9, y: 1 }, 0).steps).toBe(2);
    expect(world.advance(10_000).slice(1)).toEqual([
      expect.objectContaining({ type: "moved", actor: 1, x: 6, y: 1, watchers: [1] }),
      { type: "warped", actor: 1, warp: map.warps[0] },
    ]);
    expect(world.position(1)).toEqual({ x: 6, y: 1 });
    expect(world.nextStepMs()).toBeNull();
  });

  test("also takes an actor that turns away during the step onto it", () => {
    const world = worldOn(map);
    world.enter({ id: 1, x: 5, y: 1 });
    world.walk(1, { x: 6, y: 1 }, 0);
    expect(world.walk(1, { x: 1, y: 1 }, 100).steps).toBe(1);
    expect(world.advance(10_000).map(({ type }) => type)).toEqual(["moved", "warped"]);
  });

  test("does not take an actor that arrives on it, and lets it step off", () => {
    const world = worldOn(map);
    expect(world.enter({ id: 1, x: 6, y: 1 })).toEqual([]);
    expect(world.walk(1, { x: 7, y: 1 }, 0).steps).toBe(1);
    expect(world.advance(150).map(({ type }) => type)).toEqual(["moved"]);
  });
});

describe("seeing", () => {
  test("begins for both actors when one enters, and ends for both when one leaves", () => {
    const world = worldOn(openMap(30, 30));
    world.enter({ id: 1, x: 10, y: 10 });
    world.enter({ id: 2, x: 25, y: 10 });
    expect(world.enter({ id: 3, x: 15, y: 15 })).toEqual([
      { type: "met", actor: { id: 3, x: 15, y: 15 }, others: [{ id: 1, x: 10, y: 10 }] },
    ]);
    expect(world.leave(3)).toEqual([{ type: "parted", actor: 3, others: [1] }]);
    expect(world.leave(2)).toEqual([]);
  });

  test("changes with each step: first parted, then moved for those who still see, then met", () => {
    const world = worldOn(openMap(30, 30));
    world.enter({ id: 1, x: 10, y: 10 });
    world.enter({ id: 2, x: 5, y: 10 });
    world.enter({ id: 3, x: 12, y: 10 });
    world.enter({ id: 4, x: 16, y: 10 });
    world.walk(1, { x: 11, y: 10 }, 0);
    expect(world.advance(150)).toEqual<WorldEvent[]>([
      { type: "parted", actor: 1, others: [2] },
      { type: "moved", actor: 1, x: 11, y: 10, path: [{ x: 11, y: 10 }], walked: 1, watchers: [1, 3] },
      { type: "met", actor: { id: 1, x: 11, y: 10 }, others: [{ id: 4, x: 16, y: 10 }] },
    ]);
  });

  test("shows others where they were when met, even if they moved on since", () => {
    const world = worldOn(openMap(30, 30));
    world.enter({ id: 1, x: 10, y: 10 });
    world.enter({ id: 2, x: 16, y: 10 });
    world.walk(1, { x: 12, y: 10 }, 0);
    world.walk(2, { x: 15, y: 10 }, 0);
    const met = world.advance(10_000).find(({ type }) => type === "met");
    expect(met).toMatchObject({ others: [{ id: 2, x: 16, y: 10 }] });
  });

  test("is the same for a caller that asks", () => {
    const world = worldOn(openMap(30, 30));
    world.enter({ id: 1, x: 10, y: 10 });
    world.enter({ id: 2, x: 15, y: 5 });
    world.enter({ id: 3, x: 16, y: 10 });
    expect([world.see(1, 2), world.see(1, 3), world.see(1, 4)]).toEqual([true, false, false]);
  });

  test("is also hearing, for the speaker too", () => {
    const world = worldOn(openMap(30, 30));
    world.enter({ id: 1, x: 10, y: 10 });
    world.enter({ id: 2, x: 15, y: 5 });
    world.enter({ id: 3, x: 16, y: 10 });
    expect([...world.say(1)].sort((a, b) => a - b)).toEqual([1, 2]);
  });
});

describe("entering", () => {
  const map = drawnMap(["########", "#......#", ...new Array(5).fill("#......#"), "########"]);

  test("at a wall or outside the map leads to the spawn", () => {
    const world = worldOn(map);
    world.enter({ id: 1, x: 0, y: 0 });
    world.enter({ id: 2, x: 900, y: -4 });
    expect(world.position(1)).toEqual(map.spawn);
    // Actor 1 is on the spawn, so actor 2 gets the cell beside it.
    expect(world.position(2)).toEqual({ x: map.spawn.x + 1, y: map.spawn.y });
    expect([...world.ids()]).toEqual([1, 2]);
  });

  test("spreads new actors over free cells, and never into a wall, onto a warp or behind either", () => {
    const yard = drawnMap(
      ["........", "..###...", "..#.#...", "..###...", "........", "........", "........", "........"],
      ["2,0 -> drawn:7,7"],
    );
    const world = worldOn(yard);
    for (let id = 1; id <= 60; id++) world.enter({ id, x: 1, y: 1, isNew: true });
    const cells = [...world.ids()].map((id) => world.position(id) ?? { x: -1, y: -1 });
    const apart = new Set(cells.map(({ x, y }) => `${x},${y}`));
    expect(cells[0]).toEqual({ x: 1, y: 1 });
    for (const { x, y } of cells) {
      expect(Math.max(Math.abs(x - 1), Math.abs(y - 1))).toBeLessThanOrEqual(3);
      expect(yard.isWalkable(x, y) && yard.warpAt(x, y) === undefined).toBe(true);
      expect([x, y]).not.toEqual([3, 2]);
    }
    // If all cells are taken, an actor that enters shares the cell that it wanted.
    const free = apart.size;
    expect(cells.filter(({ x, y }) => x === 1 && y === 1)).toHaveLength(60 - free + 1);
    expect(free).toBeGreaterThan(12);
  });

  test("puts an actor that is not new on its cell, even if another is there", () => {
    const world = worldOn(map);
    for (const id of [1, 2, 3]) world.enter({ id, ...map.spawn });
    for (const id of [1, 2, 3]) expect(world.position(id)).toEqual(map.spawn);
  });

  test("twice is a bug, and leaves the first where it was", () => {
    const world = worldOn(map);
    world.enter({ id: 1, x: 3, y: 3 });
    expect(() => world.enter({ id: 1, x: 4, y: 4 })).toThrow("1 is already on drawn");
    expect(world.position(1)).toEqual({ x: 3, y: 3 });
    expect(world.count).toBe(1);
  });
});

describe("the cost of a step", () => {
  function examinedByOneStep(side: number, others: number): number {
    const world = new MapWorld({ map: openMap(side, side), stepMs, viewCells: 14, pathStepsMax: 40 });
    for (let id = 1; id <= 20; id++) world.enter({ id, x: 5 + (id % 5), y: 5 + Math.floor(id / 5) });
    for (let i = 0; i < others; i++) world.enter({ id: 100 + i, x: side - 1, y: side - 1 - (i % 4) });
    world.walk(1, { x: 12, y: 12 }, 0);
    const before = world.candidatesExamined;
    expect(world.advance(stepMs)).toHaveLength(1);
    return world.candidatesExamined - before;
  }

  test("depends on the neighbours, and not on the size of the map or the actors elsewhere", () => {
    const alone = examinedByOneStep(64, 0);
    expect(alone).toBe(20);
    expect(examinedByOneStep(1024, 0)).toBe(alone);
    expect(examinedByOneStep(64, 300)).toBe(alone);
    expect(examinedByOneStep(1024, 5000)).toBe(alone);
  });
});
