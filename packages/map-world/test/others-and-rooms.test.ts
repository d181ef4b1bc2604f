import { distanceCells } from "@sallyport/domain";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ActorId, type Cell, GridMap, MapWorld } from "../src/index.ts";
import { openMap } from "./drawn-map.ts";

const stepMs = 100;
const viewCells = 4;
const worldOn = (map: GridMap) => new MapWorld({ map, stepMs, viewCells, pathStepsMax: 40 });
const other = { isPlayer: false } as const;
const inOrder = (ids: readonly ActorId[]) => [...ids].sort((a, b) => a - b);

describe("an actor that is no player", () => {
  test("is seen by the players in view, and sees and hears nothing", () => {
    const world = worldOn(openMap(30, 30));
    world.enter({ id: 1, x: 10, y: 10 });
    world.enter({ id: 2, x: 25, y: 10 });
    expect(world.enter({ id: 8, x: 12, y: 10, ...other })).toEqual([
      { type: "met", actor: { id: 8, x: 12, y: 10 }, others: [{ id: 1, x: 10, y: 10 }] },
    ]);
    expect(world.enter({ id: 9, x: 13, y: 10, ...other })).toMatchObject([{ others: [{ id: 1 }] }]);
    expect([inOrder(world.say(1)), inOrder(world.inView(1))]).toEqual([[1], [1, 8, 9]]);
    expect([world.say(8), world.inView(8)]).toEqual([[1], [1]]);
    expect(world.leave(9)).toEqual([{ type: "parted", actor: 9, others: [1] }]);
  });

  test("comes into view and goes out of view, when it walks and when the player walks", () => {
    const world = worldOn(openMap(30, 30));
    world.enter({ id: 1, x: 10, y: 10 });
    world.enter({ id: 8, x: 15, y: 10, ...other });
    world.walk(8, { x: 14, y: 10 }, 0);
    expect(world.advance(stepMs)).toMatchObject([
      { type: "moved", actor: 8, watchers: [] },
      { type: "met", actor: { id: 8, x: 14 }, others: [{ id: 1 }] },
    ]);
    world.walk(8, { x: 13, y: 10 }, stepMs);
    expect(world.advance(2 * stepMs)).toMatchObject([{ type: "moved", actor: 8, watchers: [1] }]);
    world.walk(1, { x: 8, y: 10 }, 2 * stepMs);
    expect(world.advance(4 * stepMs)).toMatchObject([
      { type: "moved", actor: 1, watchers: [1] },
      { type: "parted", actor: 1, others: [8] },
      { type: "moved", actor: 1, watchers: [1] },
    ]);
  });

  test("costs no sight while no player is near it, however many of them walk", () => {
    const world = worldOn(openMap(60, 60));
    world.enter({ id: 1, x: 55, y: 55 });
    for (let id = 100; id < 200; id++) world.enter({ id, x: 5, y: 5, ...other });
    const before = world.candidatesExamined;
    for (let id = 100; id < 200; id++) world.walk(id, { x: 15, y: 5 }, 0);
    const events = world.advance(10 * stepMs);
    expect(events).toHaveLength(1_000);
    expect(new Set(events.map((event) => event.type === "moved" && event.watchers.length))).toEqual(
      new Set([0]),
    );
    expect(world.candidatesExamined).toBe(before);
  });

  test("keeps its cell from actors that look for a free one", () => {
    const world = worldOn(openMap(10, 10));
    world.enter({ id: 8, x: 4, y: 4, ...other });
    world.enter({ id: 1, x: 4, y: 4, isNew: true });
    expect(world.position(1)).toEqual({ x: 5, y: 4 });
  });
});

describe("in a room", () => {
  const { name, title, width, height, cells, spawn, warps } = openMap(40, 40);
  const room = new GridMap({ name, title, width, height, cells, spawn, warps, isRoom: true });

  test("all players see and hear each other and all other actors, wherever they are", () => {
    const world = worldOn(room);
    world.enter({ id: 1, x: 1, y: 1 });
    expect(world.enter({ id: 2, x: 39, y: 39 })).toMatchObject([{ type: "met", others: [{ id: 1 }] }]);
    expect(world.enter({ id: 8, x: 39, y: 1, ...other })).toMatchObject([{ others: [{ id: 1 }, { id: 2 }] }]);
    expect([world.say(1), world.say(8), world.inView(2)]).toEqual([
      [1, 2],
      [1, 2],
      [1, 2, 8],
    ]);
    expect([world.see(1, 2), world.see(1, 8), world.see(1, 3)]).toEqual([true, true, false]);
    world.walk(1, { x: 5, y: 1 }, 0);
    expect(world.advance(4 * stepMs)).toMatchObject(
      new Array(4).fill({ type: "moved", actor: 1, watchers: [1, 2] }),
    );
    expect(world.leave(2)).toEqual([{ type: "parted", actor: 2, others: [1, 8] }]);
  });

  test("nearness still counts cells", () => {
    const world = worldOn(room);
    world.enter({ id: 1, x: 1, y: 1 });
    world.enter({ id: 2, x: 9, y: 9 });
    expect(world.near({ x: 2, y: 2 }, 1)).toEqual([{ id: 1, x: 1, y: 1 }]);
  });
});

test("in any course of events, each player knows exactly the actors in its view", () => {
  const cell = fc.record({ x: fc.nat({ max: 15 }), y: fc.nat({ max: 11 }) });
  const command = fc.record({
    type: fc.constantFrom("enter", "walk", "walk", "leave"),
    id: fc.integer({ min: 1, max: 8 }),
    cell,
    afterMs: fc.nat({ max: 400 }),
  });
  fc.assert(
    fc.property(fc.array(command, { maxLength: 50, size: "max" }), (program) => {
      const world = worldOn(openMap(16, 12));
      const isPlayer = (id: ActorId): boolean => id <= 4;
      const known = new Set<string>();
      let nowMs = 0;
      for (const { type, id, cell: at, afterMs } of program) {
        nowMs += afterMs;
        const events = [...world.advance(nowMs)];
        if (type === "leave") events.push(...world.leave(id));
        else if (type === "walk") events.push(...world.walk(id, at, nowMs).events);
        else if (world.position(id) === undefined)
          events.push(...world.enter({ id, ...at, isPlayer: isPlayer(id) }));
        for (const event of events) {
          if (event.type !== "met" && event.type !== "parted") continue;
          const ids = event.type === "met" ? event.others.map((each) => each.id) : event.others;
          const actor = event.type === "met" ? event.actor.id : event.actor;
          for (const pair of ids.flatMap(
            (each) =>
              [
                [actor, each],
                [each, actor],
              ] as const,
          )) {
            expect(known.has(pair.join())).toBe(event.type === "parted");
            if (event.type === "met") known.add(pair.join());
            else known.delete(pair.join());
          }
        }
        const cellOf = (each: ActorId): Cell => world.position(each) as Cell;
        const inView = [...world.ids()].flatMap((a) =>
          [...world.ids()]
            .filter((b) => a !== b && (isPlayer(a) || isPlayer(b)))
            .filter((b) => distanceCells(cellOf(a), cellOf(b)) <= viewCells)
            .map((b) => `${a},${b}`),
        );
        expect([...known].sort()).toEqual(inView.sort());
      }
    }),
  );
});
