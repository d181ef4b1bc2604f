import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineGame, type MapInfo, misfitObjects } from "../src/index.ts";
import { object, PlayedMap } from "./played-map.ts";

const zone = (name: string, x: number, width: number, properties = {}) =>
  object("zone", x, 2, { name, width, height: 4, properties });
const market = zone("market", 3, 4, { pvp: true });
const stairs = zone("stairs", 6, 2);

/** A game that notes which zones its players enter and leave. */
function noting() {
  const notes: string[] = [];
  const game = defineGame({
    name: "noting",
    objects: {
      zone: z.object({ pvp: z.boolean().default(false) }),
      post: z.object({ text: z.string() }),
    },
    map: {
      schema: z.object({ music: z.string() }),
      initial: ({ properties }) => ({ music: properties["music"] as string }),
    },
    actors: { post: { kind: "npc", name: "Post", clicked: (it) => it.say(it.actor.properties.text) } },
    entered: (it) => void notes.push(`entered ${it.map.title} with ${it.map.state.music}`),
    left: () => void notes.push("left"),
    zoneEntered(it, { name, properties }) {
      const names = it.zonesAt(it.player).map((each) => each.name);
      notes.push(`into ${name}${properties.pvp ? ", mind the others" : ""}: ${names.join(" and ")}`);
    },
    zoneLeft: (it, { name }) => void notes.push(`out of ${name} at ${it.player.x},${it.player.y}`),
    opened(it) {
      for (const { name, width } of it.objects("lamp")) notes.push(`${name} is ${width} wide`);
    },
  });
  return { notes, game };
}

describe("a zone", () => {
  test("is entered and left once, by the cells of the player", () => {
    const { notes, game } = noting();
    const map = new PlayedMap([market, stairs], game);
    map.open();
    const { charId } = map.enter(1, { x: 1, y: 2 }, {}, game);
    for (const x of [2, 3, 4, 6, 7, 8]) map.step(charId, { x, y: 3 });
    expect(notes).toEqual([
      "entered Harbour with waves",
      "into market, mind the others: market",
      "into stairs: market and stairs",
      "out of market at 7,3",
      "out of stairs at 8,3",
    ]);
  });

  test("is entered by a player that enters the map there, and left by one that leaves the map", () => {
    const { notes, game } = noting();
    const map = new PlayedMap([market], game);
    map.open();
    const { charId } = map.enter(1, { x: 4, y: 2 }, {}, game);
    map.game.left(charId, map.at);
    expect(notes.slice(1)).toEqual(["into market, mind the others: market", "out of market at 4,2", "left"]);
  });

  test("is left and entered once for each that has its name", () => {
    const { notes, game } = noting();
    const map = new PlayedMap([zone("pier", 3, 2), zone("pier", 5, 2)], game);
    map.open();
    const { charId } = map.enter(1, { x: 4, y: 2 }, {}, game);
    map.step(charId, { x: 5, y: 2 });
    expect(notes.slice(2)).toEqual(["out of pier at 5,2", "into pier: pier"]);
  });
});

describe("a map object", () => {
  test("is read by its class, with all properties if the class has no schema", () => {
    const { notes, game } = noting();
    const lamps = [object("lamp", 1, 1, { name: "Old lamp", width: 2 }), object("tree", 5, 5)];
    const map = new PlayedMap([...lamps, object("lamp", 2, 2, { name: "Lantern" })], game);
    map.open();
    expect(notes).toEqual(["Old lamp is 2 wide", "Lantern is 1 wide"]);
  });

  test("that does not fit its schema is named, and the others are placed", () => {
    const { game } = noting();
    const objects = [object("post", 1, 1), object("post", 2, 2, { properties: { text: "Mind the step." } })];
    const map = new PlayedMap(objects, game);
    const [fault, spawned] = map.open();
    expect(fault).toMatchObject({ type: "fault", handler: "the map object post at 1,1" });
    expect(String(fault?.type === "fault" && fault.error)).toContain("properties: text: ");
    expect(spawned).toMatchObject({ type: "spawn", cell: { x: 2, y: 2 } });
    expect(misfitObjects(game, { name: "quay", objects })).toEqual([
      expect.stringMatching(/^quay: the map object post at 1,1: properties: text: /),
    ]);
  });

  test("that code places has the properties of `spawn`, which must fit too", () => {
    const place = (properties: { text: string } | undefined) =>
      defineGame({
        name: "posts",
        objects: { post: z.object({ text: z.string() }) },
        actors: { post: { kind: "npc", name: "Post", clicked: (it) => it.say(it.actor.properties.text) } },
        opened: (it) => void it.spawn("post", { x: 1, y: 1 }, properties && { properties }),
      });
    const game = place({ text: "Mind the step." });
    const map = new PlayedMap([], game);
    const actor = map.idOf(map.open(), "Post");
    const { charId } = map.enter(1, { x: 1, y: 1 }, {}, game);
    expect(map.game.clicked(charId, actor, map.at).effects).toEqual([
      { type: "speak", actor, text: "Mind the step." },
    ]);
    const [fault] = new PlayedMap([], place(undefined)).open();
    expect(String(fault?.type === "fault" && fault.error)).toContain("spawn: the properties of post: text: ");
  });
});

test("a schema that fails says so, and the map begins without its objects", () => {
  const info: MapInfo = {
    ...{ name: "quay", title: "", width: 9, height: 9 },
    objects: [market],
    properties: {},
  };
  const slow = z.object({}).refine(async () => true);
  const game = defineGame({ name: "slow", objects: { zone: slow } });
  expect(misfitObjects(game, info)).toEqual([
    expect.stringContaining("the schema is asynchronous, or throws"),
  ]);
  expect(new PlayedMap([market], game).open()).toMatchObject([{ type: "fault" }]);
});
