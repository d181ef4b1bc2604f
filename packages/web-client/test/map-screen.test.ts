import { CharId } from "@sallyport/domain";
import { describe, expect, it, test } from "vitest";
import type { MapScreen } from "../src/map-screen.ts";
import { placeAt } from "../src/motion.ts";
import { directionOf, surroundingsOf } from "../src/surroundings.ts";
import { translations } from "../src/translations.ts";
import { inMap, type Played, placeOf, room, self } from "./played.ts";

const screenOf = ({ state }: Played): MapScreen => {
  if (state.screen.at !== "map") throw new Error(`at ${state.screen.at}`);
  return state.screen;
};
const turn = (played: Played, dx: number, dy: number): Played =>
  played.happen({ type: "heading", heading: dx === 0 && dy === 0 ? null : { dx, dy } });
const other = CharId(9);
const bo = {
  charId: other,
  name: "Bo",
  shown: {},
  class: 0,
  kind: "player",
  sex: "male",
  x: 2,
  y: 2,
} as const;

describe("held keys", () => {
  it("walk some cells ahead, and go on before the walk ends", () => {
    const played = turn(inMap({ x: 1, y: 2 }), 1, 0);
    expect(played.taken()).toEqual([{ type: "walk", x: 4, y: 2 }]);
    played.moved(2, 2);
    expect(played.taken()).toEqual([]);
    played.moved(3, 2);
    expect(played.taken()).toEqual([{ type: "walk", x: 6, y: 2 }]);
  });

  it("end the walk at the next cell after a release", () => {
    const played = turn(turn(inMap({ x: 1, y: 2 }), 1, 0), 0, 0);
    expect(played.taken().at(-1)).toEqual({ type: "walk", x: 2, y: 2 });
    played.moved(2, 2);
    expect(played.taken()).toEqual([]);
    expect(screenOf(played).target).toBeNull();
  });

  test.each([
    ["end before a wall", { x: 6, y: 2 }, [1, 0], { x: 8, y: 2 }],
    ["slide along a wall", { x: 6, y: 4 }, [1, 1], { x: 8, y: 4 }],
    ["pass no corner of a wall", { x: 4, y: 2 }, [1, 1], { x: 7, y: 3 }],
  ])("%s", (_, at, [dx = 0, dy = 0], to) => {
    expect(turn(inMap(at), dx, dy).taken()).toEqual([{ type: "walk", ...to }]);
  });

  it("ask for nothing where no way is free", () => {
    expect(turn(inMap({ x: 4, y: 4 }), 0, 1).taken()).toEqual([]);
  });
});

describe("other actors", () => {
  it("glide from cell to cell in the time of a step", () => {
    const played = inMap().event({ type: "actor.appeared", ...bo });
    const at = () =>
      placeAt(screenOf(played).actors.get(other)?.motion ?? screenOf(played).motion, played.nowMs);
    played.event({ type: "actor.moved", charId: other, x: 3, y: 2 });
    expect(at()).toEqual({ x: 2, y: 2 });
    played.nowMs += 75;
    expect(at()).toEqual({ x: 2.5, y: 2 });
    // The next step comes early. The figure goes on from where it is drawn.
    played.event({ type: "actor.moved", charId: other, x: 4, y: 2 });
    expect(at()).toEqual({ x: 2.5, y: 2 });
    played.nowMs += 150;
    expect(at()).toEqual({ x: 4, y: 2 });
  });

  it("jump over a longer way, as after a warp", () => {
    const played = inMap().event({ type: "actor.appeared", ...bo });
    played.event({ type: "actor.moved", charId: other, x: 8, y: 4 });
    expect(screenOf(played).actors.get(other)?.motion.from).toEqual({ x: 8, y: 4 });
  });

  it("are gone when they vanish, and a step of an unknown actor changes nothing", () => {
    const played = inMap()
      .event({ type: "actor.appeared", ...bo })
      .event({ type: "actor.vanished", charId: other });
    const { screen } = played.state;
    played.event({ type: "actor.moved", charId: other, x: 3, y: 2 });
    expect(played.state.screen).toBe(screen);
    expect(screenOf(played).actors.size).toBe(0);
  });
});

describe("the log", () => {
  it("keeps the newest lines, each with an id of its own", () => {
    const played = inMap();
    for (let line = 1; line <= 150; line += 1)
      played.event({ type: "actor.said", charId: self, name: "Aoi", text: String(line) });
    const { log } = screenOf(played);
    expect(log).toHaveLength(100);
    expect(log.at(-1)).toMatchObject({ kind: "said", text: "150", isOwn: true });
    expect(new Set(log.map(({ id }) => id)).size).toBe(100);
  });

  it("has announcements, with the name of the gamemaster if there is one", () => {
    const played = inMap();
    played.event({ type: "announced", text: "A ship!", from: "Ada" });
    played.event({ type: "announced", text: "A ship!", from: null });
    const told = screenOf(played)
      .log.slice(-2)
      .map((line) => translations.en.line(line));
    expect(told).toEqual(["Ada announces: A ship!", "Announcement: A ship!"]);
  });

  it("goes on over a change of the map, and a held key walks on there, while actors do not", () => {
    const played = turn(inMap().event({ type: "actor.appeared", ...bo }), 1, 0);
    played.event({ type: "map.changed", ...placeOf(room, { x: 1, y: 2 }, "lane") });
    const screen = screenOf(played);
    expect(screen.log.map((line) => line.kind === "arrived" && line.map)).toEqual(["yard", "lane"]);
    expect([screen.actors.size, screen.position]).toEqual([0, { map: "lane", x: 1, y: 2 }]);
    // The key is still held, so the player walks on.
    expect(played.taken().at(-1)).toEqual({ type: "walk", x: 4, y: 2 });
  });

  it("says that there is no way", () => {
    const command = { type: "walk", x: 5, y: 3 } as const;
    const played = inMap().happen({ type: "refused", command, refusal: "no-path", isOutside: false });
    expect(screenOf(played).log.at(-1)).toMatchObject({ kind: "refused", refusal: "no-path" });
  });
});

describe("what is around the player", () => {
  it("is told with free ways, the nearest warp, and the nearest actors first", () => {
    const actors = new Map([
      [1, { name: "Far", x: 8, y: 4 }],
      [2, { name: "Bo", x: 5, y: 1 }],
    ]);
    const place = placeOf(room, { x: 5, y: 2 });
    expect(surroundingsOf({ place, position: place.position, actors })).toEqual({
      ...{ map: "yard", x: 5, y: 2, free: ["north", "east", "west"] },
      warp: { direction: "west", cells: 4 },
      actors: [
        { name: "Bo", direction: "north", cells: 1 },
        { name: "Far", direction: "southeast", cells: 3 },
      ],
    });
  });

  test.each([
    [0, -3, "north"],
    [2, -2, "northeast"],
    [4, 1, "east"],
    [-1, 5, "south"],
    [-3, 3, "southwest"],
    [-9, -1, "west"],
    [-2, -3, "northwest"],
  ])("%i,%i lies to the %s", (x, y, direction) => {
    expect(directionOf({ x: 0, y: 0 }, { x, y })).toBe(direction);
  });
});
