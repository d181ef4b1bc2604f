import { distanceCells } from "@sallyport/domain";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ActorId, type Cell, type GridMap, MapWorld, type WorldEvent } from "../src/index.ts";
import { arbitraryCell, arbitraryMap, neighboursOf, openMap } from "./drawn-map.ts";

const stepMs = 100;
const viewCells = 4;

type Command =
  | { readonly type: "enter" | "walk"; readonly id: ActorId; readonly cell: Cell; readonly afterMs: number }
  | { readonly type: "leave"; readonly id: ActorId; readonly afterMs: number }
  | { readonly type: "advance"; readonly afterMs: number };

function arbitraryProgram(map: GridMap): fc.Arbitrary<Command[]> {
  const id = fc.integer({ min: 1, max: 6 });
  const cell = arbitraryCell(map);
  const afterMs = fc.oneof(fc.constant(0), fc.nat({ max: 80 }), fc.nat({ max: 700 }));
  return fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.record({ type: fc.constant("enter" as const), id, cell, afterMs }) },
      { weight: 8, arbitrary: fc.record({ type: fc.constant("walk" as const), id, cell, afterMs }) },
      { weight: 1, arbitrary: fc.record({ type: fc.constant("leave" as const), id, afterMs }) },
      { weight: 4, arbitrary: fc.record({ type: fc.constant("advance" as const), afterMs }) },
    ),
    // `size` makes the programs longer. In short programs few actors reach a warp.
    { minLength: 10, maxLength: 60, size: "max" },
  );
}

const plan = fc
  .oneof(
    fc.constant(openMap(16, 12, ["7,5 -> there:1,1", "8,6 -> there:1,1"])),
    arbitraryMap({ min: 8, max: 18 }, 6),
  )
  .chain((map) => fc.record({ map: fc.constant(map), program: arbitraryProgram(map) }));

const worldOn = (map: GridMap) => new MapWorld({ map, stepMs, viewCells, pathStepsMax: 40 });

/**
 * Carries out one command. Skips `enter` for an actor that is on the map, because no caller is allowed to do
 * that.
 */
function give(world: MapWorld, command: Command, nowMs: number): readonly WorldEvent[] {
  if (command.type === "advance") return world.advance(nowMs);
  const { id } = command;
  if (command.type === "leave") return [...world.advance(nowMs), ...world.leave(id)];
  if (command.type === "walk") return world.walk(id, command.cell, nowMs).events;
  const events = world.advance(nowMs);
  return world.position(id) === undefined ? [...events, ...world.enter({ id, ...command.cell })] : events;
}

/** Builds the view of each client only from its events. Each event must fit the events before it. */
class Onlookers {
  readonly beliefs = new Map<ActorId, Map<ActorId, Cell>>();
  readonly #ahead = new Map<ActorId, readonly Cell[]>();

  tell(events: readonly WorldEvent[]): void {
    for (const event of events) {
      if (event.type === "met") {
        for (const other of event.others) {
          this.#appear(event.actor.id, other.id, other);
          this.#appear(other.id, event.actor.id, event.actor);
        }
      } else if (event.type === "parted") {
        for (const other of event.others) {
          this.#vanish(event.actor, other);
          this.#vanish(other, event.actor);
        }
      } else if (event.type === "moved") {
        expect(event.watchers[0]).toBe(event.actor);
        for (const watcher of event.watchers.slice(1)) {
          expect(this.#of(watcher).has(event.actor)).toBe(true);
          this.#of(watcher).set(event.actor, { x: event.x, y: event.y });
        }
        this.#ahead.set(event.actor, this.#stepAhead(event));
      } else if (event.type === "walks") {
        const { id, x, y } = event.actor;
        const seers = [...this.beliefs].filter(([, seen]) => seen.has(id)).map(([watcher]) => watcher);
        const inOrder = (ids: readonly ActorId[]) => [...ids].sort((a, b) => a - b);
        expect(inOrder(event.watchers)).toEqual(inOrder([...seers, id]));
        for (const seer of seers) expect(this.#of(seer).get(id)).toEqual({ x, y });
        this.#ahead.set(id, event.path);
      }
    }
  }

  /**
   * When the walk began, the client got the list of all steps. This step must be the next one in that list.
   */
  #stepAhead({ actor, x, y }: Extract<WorldEvent, { type: "moved" }>): readonly Cell[] {
    const [next, ...ahead] = this.#ahead.get(actor) ?? [];
    expect(next).toEqual({ x, y });
    return ahead;
  }

  #appear(watcher: ActorId, seen: ActorId, { x, y }: Cell): void {
    expect(watcher).not.toBe(seen);
    expect(this.#of(watcher).has(seen)).toBe(false);
    this.#of(watcher).set(seen, { x, y });
  }

  #vanish(watcher: ActorId, seen: ActorId): void {
    expect(this.#of(watcher).delete(seen)).toBe(true);
  }

  #of(watcher: ActorId): Map<ActorId, Cell> {
    let belief = this.beliefs.get(watcher);
    if (belief === undefined) {
      belief = new Map();
      this.beliefs.set(watcher, belief);
    }
    return belief;
  }
}

const stepsIn = (events: readonly WorldEvent[]) => events.filter(({ type }) => type === "moved").length;

/** Returns the pairs of actors that see each other, computed only from their positions. */
function whoSeesWhom(world: MapWorld): string[] {
  const all = [...world.ids()].map((id) => ({ id, cell: world.position(id) as Cell }));
  return all
    .flatMap((a) =>
      all
        .filter((b) => a.id !== b.id && distanceCells(a.cell, b.cell) <= viewCells)
        .map((b) => `${a.id} sees ${b.id} at ${b.cell.x},${b.cell.y}`),
    )
    .sort();
}

describe("in any course of events,", () => {
  test("the events of each client match the actors in its view, and their cells", () => {
    const reached = new Set<string>();
    fc.assert(
      fc.property(plan, ({ map, program }) => {
        const world = worldOn(map);
        const onlookers = new Onlookers();
        let nowMs = 0;
        for (const command of program) {
          nowMs += command.afterMs;
          const events = give(world, command, nowMs);
          for (const event of events) reached.add(event.type);
          onlookers.tell(events);
          const believed = [...onlookers.beliefs].flatMap(([watcher, seen]) =>
            [...seen].map(([id, { x, y }]) => `${watcher} sees ${id} at ${x},${y}`),
          );
          expect(believed.sort()).toEqual(whoSeesWhom(world));
        }
      }),
      { numRuns: 300 },
    );
    expect([...reached].sort()).toEqual(["met", "moved", "parted", "walks", "warped"]);
  });

  test("no actor takes two steps within one step's time, or an impossible step", () => {
    fc.assert(
      fc.property(plan, ({ map, program }) => {
        const world = worldOn(map);
        const lastStepMs = new Map<ActorId, number>();
        const cells = new Map<ActorId, Cell>();
        let nowMs = 0;
        const watch = (events: readonly WorldEvent[], atMs: number) => {
          for (const event of events) {
            if (event.type !== "moved") continue;
            const sinceMs = atMs - (lastStepMs.get(event.actor) ?? Number.NEGATIVE_INFINITY);
            expect(sinceMs).toBeGreaterThanOrEqual(stepMs);
            expect(neighboursOf(map, cells.get(event.actor) as Cell)).toContainEqual({
              x: event.x,
              y: event.y,
            });
            lastStepMs.set(event.actor, atMs);
            cells.set(event.actor, { x: event.x, y: event.y });
          }
        };
        for (const command of program) {
          nowMs += command.afterMs;
          for (let next = world.nextStepMs(); next !== null && next <= nowMs; next = world.nextStepMs()) {
            watch(world.advance(next), next);
          }
          watch(give(world, command, nowMs), nowMs);
          if (command.type === "enter" && !cells.has(command.id)) {
            cells.set(command.id, world.position(command.id) as Cell);
          }
          if (command.type === "leave") {
            lastStepMs.delete(command.id);
            cells.delete(command.id);
          }
        }
      }),
    );
  });

  test("the number of advances changes only when events are reported", () => {
    fc.assert(
      fc.property(plan, ({ map, program }) => {
        const run = (everyMs: number): WorldEvent[] => {
          const world = worldOn(map);
          const events: WorldEvent[] = [];
          let nowMs = 0;
          for (const command of program) {
            const thenMs = nowMs + command.afterMs;
            for (; nowMs < thenMs; nowMs = Math.min(thenMs, nowMs + everyMs)) {
              events.push(...world.advance(nowMs));
            }
            events.push(...give(world, command, nowMs));
          }
          return events;
        };
        expect(run(7)).toEqual(run(Number.POSITIVE_INFINITY));
      }),
    );
  });

  test("the same program gives the same events", () => {
    fc.assert(
      fc.property(plan, ({ map, program }) => {
        const run = (): (readonly WorldEvent[])[] => {
          const world = worldOn(map);
          let nowMs = 0;
          return program.map((command) => give(world, command, (nowMs += command.afterMs)));
        };
        expect(run()).toEqual(run());
      }),
    );
  });
});

describe("a client that asks again and again", () => {
  test("arrives at the same time as one that asks once", () => {
    const gapsMs = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(gapsMs, fc.integer({ min: 1, max: 30 }), (gaps, distance) => {
        const world = worldOn(openMap(40, 8));
        world.enter({ id: 1, x: 2, y: 3 });
        const goal = { x: 2 + distance, y: 3 };
        const arrivalMs = distance * stepMs;
        let nowMs = 0;
        for (let i = 0; nowMs < arrivalMs; i++) {
          expect(world.walk(1, goal, nowMs).steps).not.toBeNull();
          nowMs += gaps[i % gaps.length] as number;
        }
        world.advance(arrivalMs - 1);
        world.advance(arrivalMs);
        expect(world.position(1)).toEqual(goal);
        expect(world.nextStepMs()).toBeNull();
      }),
    );
  });

  test("walks a full step in every step's time, for any goals, until it arrives", () => {
    const goals = fc.array(fc.record({ x: fc.nat({ max: 39 }), y: fc.constantFrom(0, 29) }), {
      minLength: 5,
      maxLength: 5,
    });
    fc.assert(
      fc.property(goals, fc.integer({ min: 1, max: 90 }), (list, gapMs) => {
        const world = worldOn(openMap(40, 30));
        world.enter({ id: 1, x: 20, y: 15 });
        let steps = 0;
        for (let i = 0; i * gapMs <= 1000; i++) {
          steps += stepsIn(world.walk(1, list[i % list.length] as Cell, i * gapMs).events);
        }
        steps += stepsIn(world.advance(1000));
        expect(steps).toBe(10);
      }),
    );
  });
});
