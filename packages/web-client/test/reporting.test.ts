import { CharId, cellOf, unitsPerCellOf } from "@sallyport/domain";
import { describe, expect, it, test } from "vitest";
import { isWalkable } from "../src/cells.ts";
import type { MapCommand, MapScreen } from "../src/map-screen.ts";
import { placeAt } from "../src/motion.ts";
import { isTimed } from "../src/update.ts";
import { inMap, type Played, placeOf, room, self } from "./played.ts";

/** Cells of 20 units. The usual pace is 133 units in a second, and the map allows 100. */
const movement = { unitsPerCell: 20, greatestSpeed: 100 };
const tickMs = 100;

const onDeck = (at = { x: 90, y: 50 }): Played => inMap(at, placeOf(room, at, "deck", movement));
const screenOf = ({ state }: Played): MapScreen => {
  if (state.screen.at !== "map") throw new Error(`at ${state.screen.at}`);
  return state.screen;
};
const turn = (played: Played, dx: number, dy: number): Played =>
  played.happen({ type: "heading", heading: dx === 0 && dy === 0 ? null : { dx, dy } });
type Report = Extract<MapCommand, { type: "report" }>;

/** Lets time pass. The server accepts all reports at once. Returns all commands. */
function ticks(played: Played, count: number): MapCommand[] {
  const all: MapCommand[] = [];
  for (let tick = 0; tick < count; tick += 1) {
    played.nowMs += tickMs;
    if (isTimed(played.state)) played.happen({ type: "tick" });
    for (let commands = played.taken(); commands.length > 0; commands = played.taken()) {
      all.push(...(commands as MapCommand[]));
      for (const command of commands)
        if (command.type === "report") played.happen({ type: "reported", command });
    }
  }
  return all;
}

const reportsIn = (commands: readonly MapCommand[]): Report[] =>
  commands.filter((command) => command.type === "report");

describe("where clients report", () => {
  it("held keys move the player at once, no faster than the map allows, until they are released", () => {
    const played = turn(onDeck(), 1, 0);
    expect(played.taken()).toEqual([{ type: "report", map: "deck", x: 104, y: 50 }]);
    played.happen({ type: "reported", command: { type: "report", map: "deck", x: 104, y: 50 } });
    const reports = reportsIn(ticks(played, 5));
    expect(reports.map(({ x }) => x)).toEqual([113, 123, 132, 142, 151]);
    turn(played, 0, 0);
    expect(reportsIn(ticks(played, 5))).toEqual([]);
    expect(screenOf(played).position).toEqual({ map: "deck", x: 151, y: 50 });
  });

  it("a click leads to the very place, in a straight line, and ends there", () => {
    const played = onDeck().happen({ type: "point", x: 7.25, y: 1.5 });
    const reports = reportsIn(ticks(played, 20));
    expect(reports.at(-1)).toEqual({ type: "report", map: "deck", x: 145, y: 30 });
    const halfway = reports.find(({ x }) => x > 115);
    expect(halfway?.y).toBeCloseTo(50 - (((halfway?.x ?? 0) - 90) * 20) / 55, -0.5);
    expect(screenOf(played).target).toBeNull();
    expect(isTimed(played.state)).toBe(false);
  });

  test.each([
    ["stop at a wall", { x: 90, y: 90 }, [0, 1], { x: 90, y: 99 }],
    ["lead along a wall", { x: 30, y: 90 }, [1, 1], { x: 120, y: 99 }],
  ])("held keys %s", (_, at, [dx = 0, dy = 0], end) => {
    const [last] = reportsIn(ticks(turn(onDeck(at), dx, dy), 12)).slice(-1);
    expect(Math.hypot((last?.x ?? 0) - end.x, (last?.y ?? 0) - end.y)).toBeLessThan(5);
  });

  it("no key leads into a wall, and a player that is in one can leave it", () => {
    const place = placeOf(room, { x: 0, y: 0 }, "deck", movement);
    for (const [dx, dy] of [-1, 0, 1].flatMap((x) => [-1, 0, 1].map((y) => [x, y] as const))) {
      const reports = reportsIn(ticks(turn(onDeck({ x: 97, y: 56 }), dx, dy), 30));
      const cells = reports.map((report) => cellOf(report, unitsPerCellOf(place)));
      expect(cells.filter(({ x, y }) => !isWalkable(place, x, y))).toEqual([]);
    }
    const stuck = turn(onDeck({ x: 110, y: 70 }), -1, 0);
    expect(reportsIn(ticks(stuck, 5)).at(-1)?.x).toBeLessThan(80);
  });

  it("one report is under way at a time, and the next one tells the newest position", () => {
    const played = turn(onDeck(), 1, 0);
    const [first] = played.taken() as [Report];
    for (let tick = 0; tick < 4; tick += 1) {
      played.nowMs += tickMs;
      played.happen({ type: "tick" });
    }
    expect(played.taken()).toEqual([]);
    const { x } = screenOf(played).position;
    expect(played.happen({ type: "reported", command: first }).taken()).toEqual([
      { type: "report", map: "deck", x, y: 50 },
    ]);
  });

  it("after a refusal the player is where the server has it, and goes on from there", () => {
    const played = turn(onDeck(), 1, 0);
    const [command] = played.taken() as [Report];
    played.happen({ type: "refused", command, refusal: "too-fast", isOutside: false });
    expect(screenOf(played).position).toEqual({ map: "deck", x: 90, y: 50 });
    played.nowMs += tickMs;
    expect(played.happen({ type: "tick" }).taken()).toEqual([{ type: "report", map: "deck", x: 99, y: 50 }]);
  });

  it("an answer to a report on the map before changes nothing", () => {
    const played = turn(onDeck(), 1, 0);
    const [command] = played.taken() as [Report];
    turn(played, 0, 0);
    played.event({ type: "map.changed", ...placeOf(room, { x: 30, y: 30 }, "cabin", movement) });
    const before = screenOf(played);
    played.happen({ type: "reported", command });
    played.happen({ type: "refused", command, refusal: "unavailable", isOutside: false });
    expect(screenOf(played)).toBe(before);
  });

  it("a held key moves the player on after a change of the map, also to one where the server walks", () => {
    const played = turn(onDeck(), 1, 0);
    played.event({ type: "map.changed", ...placeOf(room, { x: 1, y: 2 }, "lane") });
    expect(played.taken().at(-1)).toEqual({ type: "walk", x: 4, y: 2 });
    played.event({ type: "map.changed", ...placeOf(room, { x: 30, y: 50 }, "deck", movement) });
    expect(reportsIn(ticks(played, 3))).toHaveLength(3);
  });

  it("a player whose connection is lost stays where it is", () => {
    const played = onDeck().happen({ type: "ended", reason: "disconnected" });
    turn(played, 1, 0);
    expect(played.taken()).toEqual([]);
    expect(screenOf(played).position).toMatchObject({ x: 90, y: 50 });
  });

  it("a figure is drawn where it is within its cell", () => {
    expect(screenOf(onDeck({ x: 89, y: 50 })).motion.to).toEqual({
      x: expect.closeTo(3.975),
      y: expect.closeTo(2.025),
    });
  });
});

describe("others where clients report", () => {
  const bo = { charId: CharId(9), name: "Bo", shown: {}, class: 0, kind: "player", sex: "male" } as const;

  it("glide at the pace of their reports, whatever it is", () => {
    const played = onDeck().event({ type: "actor.appeared", ...bo, x: 30, y: 30 });
    const at = () =>
      placeAt(screenOf(played).actors.get(bo.charId)?.motion ?? screenOf(played).motion, played.nowMs).x;
    played.nowMs += 10_000;
    played.event({ type: "actor.moved", charId: bo.charId, x: 50, y: 30 });
    played.nowMs += 60;
    expect(at()).toBeCloseTo(1.525);
    played.nowMs += 240;
    played.event({ type: "actor.moved", charId: bo.charId, x: 70, y: 30 });
    played.nowMs += 150;
    expect(at()).toBeCloseTo(2.525);
  });

  it("are approached by positions, and clicked by the cells that they are on", () => {
    const mara = { ...bo, kind: "npc", name: "Mara", x: 169, y: 31 } as const;
    const played = onDeck({ x: 30, y: 90 }).event({ type: "actor.appeared", ...mara });
    expect(played.happen({ type: "point", x: 8.1, y: 1.9 }).taken()).toEqual([
      { type: "click", actor: bo.charId },
    ]);
    const command = { type: "click", actor: bo.charId } as const;
    played.happen({ type: "refused", command, refusal: "too-far", isOutside: false });
    const commands = ticks(played, 40);
    expect(reportsIn(commands).at(-1)).toEqual({ type: "report", map: "deck", x: 150, y: 30 });
    expect(commands.at(-1)).toEqual(command);
  });

  it("are told by their distance in cells, and the player by its position", () => {
    const played = onDeck()
      .event({ type: "actor.appeared", ...bo, x: 130, y: 50 })
      .happen({ type: "look-around" });
    expect(screenOf(played).log.at(-1)).toMatchObject({
      ...{ kind: "surroundings", map: "deck", x: 90, y: 50 },
      actors: [{ name: "Bo", direction: "east", cells: 2 }],
    });
    expect(self).not.toBe(bo.charId);
  });
});
