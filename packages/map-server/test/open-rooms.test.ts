import { accepted, refused, refusedWith } from "@sallyport/domain";
import { parseTextMap } from "@sallyport/map-files";
import { settled } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { type HandMadeClient, HandMadeWorld } from "./hand-made.ts";

const map = (name: string, room: string) =>
  parseTextMap(`name: ${name}\nroom: ${room}\nspawn: 8,8\nsize: 16x16\n`, `${name}.map`);
const named = [map("meadow", "no"), map("tavern", "open"), map("club", "yes")];
const maps = new Map(named.map((each) => [each.name, each]));
const door = { host: "other", port: 7, wsUrl: null, otherDoors: [] };

let world: HandMadeWorld;
let guest: HandMadeClient;
const goes = (client: HandMadeClient, to: string) =>
  client.visit.handlers["room.enter"]({ type: "room.enter", map: to });

describe("an open room", () => {
  test("is entered from any map, and the client knows all who are there before it is answered", async () => {
    world = new HandMadeWorld({ maps, hosted: ["meadow", "tavern"] });
    const first = await world.plays();
    guest = await world.plays();
    expect(await goes(first, "tavern")).toEqual(accepted({}));
    guest.events.length = 0;
    expect(await goes(guest, "tavern")).toEqual(accepted({}));
    expect(guest.take("map.changed", "actor.appeared")).toMatchObject([
      { type: "map.changed", position: { map: "tavern", x: 8, y: 8 }, isRoom: true },
      { type: "actor.appeared", name: "player_1" },
    ]);
    await guest.say("good evening");
    expect(first.take("actor.said")).toMatchObject([{ name: "player_2", text: "good evening" }]);
  });

  test("is not entered again by a character that is in it", async () => {
    world = new HandMadeWorld({ maps, hosted: ["meadow", "tavern"] });
    guest = await world.plays(world.character(), { map: "tavern", x: 1, y: 2 });
    guest.events.length = 0;
    expect(await goes(guest, "tavern")).toEqual(accepted({}));
    expect(guest.events).toEqual([]);
  });

  test("is the only kind of map to which a client can go without a way", async () => {
    world = new HandMadeWorld({ maps, hosted: ["meadow", "tavern", "club"] });
    guest = await world.plays();
    for (const name of ["club", "meadow", "nowhere", ""])
      expect(await goes(guest, name)).toMatchObject({ refusal: "no-such-room" });
  });

  test("is named to a client that asks for a room that there is not, whatever server hosts it", async () => {
    const all = new Map(
      [map("meadow", "no"), map("tavern", "open"), map("inn", "open")].map((of) => [of.name, of]),
    );
    world = new HandMadeWorld({ maps: all, hosted: ["meadow"] });
    expect(await goes(await world.plays(), "nowhere")).toEqual(refusedWith("no-such-room", "inn, tavern"));
    world = new HandMadeWorld({ maps: new Map([["meadow", map("meadow", "no")]]), hosted: ["meadow"] });
    expect(await goes(await world.plays(), "nowhere")).toEqual(refused("no-such-room"));
  });

  test("is not named if it is one of too many for a refusal", async () => {
    const rooms = Array.from({ length: 30 }, (_, nth) => map(`room_${1_000 + nth}`, "open"));
    const all = new Map([map("meadow", "no"), ...rooms].map((of) => [of.name, of]));
    world = new HandMadeWorld({ maps: all, hosted: ["meadow"] });
    const first = rooms.slice(0, 18).map(({ name }) => name);
    expect(await goes(await world.plays(), "nowhere")).toEqual(
      refusedWith("no-such-room", `${first.join(", ")}, …`),
    );
  });
});

describe("an open room whose clients report their positions", () => {
  const text =
    "name: yard\nroom: open\nspawn: 2,3\nsize: 20x15\nmovement: reported unitsPerCell=32 greatestSpeed=500\n";
  const yard = parseTextMap(text, "yard.map");
  const spawn = { x: 2 * 32 + 16, y: 3 * 32 + 16 };
  beforeEach(async () => {
    world = new HandMadeWorld({
      maps: new Map([...maps, ["yard", yard]]),
      hosted: ["meadow", "tavern", "yard"],
    });
    guest = await world.plays();
    guest.events.length = 0;
  });
  const comesIn = async (to: string, at: { x: number; y: number } | null) => {
    await guest.visit.handlers["room.enter"]({ type: "room.enter", map: to, at });
    return guest.take("map.changed")[0];
  };

  test("is entered where the client wants to", async () => {
    expect(await comesIn("yard", { x: 639, y: 0 })).toMatchObject({
      position: { map: "yard", x: 639, y: 0 },
    });
  });

  test.each([
    ["without a wish", null],
    ["with a wish outside the map", { x: 640, y: 10 }],
  ])("is entered at its spawn %s", async (_, at) => {
    expect(await comesIn("yard", at)).toMatchObject({ position: { map: "yard", ...spawn } });
  });

  test("is the only kind of room in which a client may choose its place", async () => {
    expect(await comesIn("tavern", { x: 1, y: 1 })).toMatchObject({
      position: { map: "tavern", x: 8, y: 8 },
    });
  });
});

describe("an open room of another map-server", () => {
  beforeEach(async () => {
    world = new HandMadeWorld({ maps, hosted: ["meadow"] });
    world.link.held.add("hop");
    guest = await world.plays();
  });

  test("is entered by a hop, and the client asks there again", async () => {
    void goes(guest, "tavern");
    world.link.answer("hop", accepted({ ...door, near: [] }));
    await settled();
    expect(guest.events.at(-1)).toEqual({
      type: "map.hop",
      position: { map: "tavern", x: 8, y: 8 },
      ...door,
    });
    expect(guest.isConnected).toBe(false);
  });

  test("is refused for now if nobody hosts it, and the character stays where it was", async () => {
    const going = goes(guest, "tavern");
    world.link.answer("hop", refused("map-unavailable"));
    expect(await going).toMatchObject({ ok: false, refusal: "unavailable", retryAfterMs: 1_000 });
    expect(await guest.say("still here")).toEqual(accepted({}));
  });
});
