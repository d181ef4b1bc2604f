import { helloFrame, mapDoorEvents, mapDoorMessages, nativeMapDoor } from "@sallyport/dialects/native";
import { accepted, type MapDoor, refused } from "@sallyport/domain";
import { memoryChannelPair } from "@sallyport/link";
import { ClientDoor, defaultClientBounds } from "@sallyport/server-kit";
import { settled } from "@sallyport/testkit";
import { encodeFrame, FrameSplitter, MessageCodec } from "@sallyport/wire";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { visitMapServer } from "../src/client-visit.ts";
import { type HandMadeClient, HandMadeWorld, stepMs, viewCells } from "./hand-made.ts";

let world: HandMadeWorld;
beforeEach(() => {
  world = new HandMadeWorld();
});
afterEach(() => {
  expect(world.bugs).toEqual([]);
});

/** Puts a client onto the fourth row of the meadow. */
const at = (x: number, map = "meadow"): Promise<HandMadeClient> =>
  world.plays(world.character(), { map, x, y: 3 });

describe("players", () => {
  test("that enter in view of each other appear to each other, and vanish when one leaves", async () => {
    const first = await at(10);
    const second = await at(10 + viewCells);
    await settled();
    expect(first.take("actor.appeared")).toMatchObject([{ name: "player_2", x: 10 + viewCells, y: 3 }]);
    expect(second.take("actor.appeared")).toMatchObject([{ name: "player_1", x: 10, y: 3 }]);
    await second.leave();
    expect(first.take("actor.vanished")).toMatchObject([{ charId: 102 }]);
  });

  test("that are too far apart, or on different maps, do not see each other", async () => {
    const first = await at(10);
    const farther = await at(11 + viewCells);
    const elsewhere = await at(10, "moor");
    await farther.walk(12 + viewCells, 3);
    await world.clock.advance(2 * stepMs);
    for (const client of [first, elsewhere]) {
      expect(client.take("actor.appeared", "actor.moved", "actor.vanished")).toEqual([]);
    }
  });

  test("meet, are seen to move, and part as they walk", async () => {
    const watcher = await at(10);
    const walker = await at(12 + viewCells);
    await walker.walk(10 + viewCells, 3);
    await world.clock.advance(2 * stepMs + 50);
    // The first step of the walker ends out of view. The second step ends in view.
    expect(watcher.take("actor.appeared", "actor.moved")).toMatchObject([
      { type: "actor.appeared", charId: 102, x: 10 + viewCells },
    ]);
    expect(walker.take("actor.moved")).toMatchObject([
      { charId: 102, x: 11 + viewCells },
      { charId: 102, x: 10 + viewCells },
    ]);
    await walker.walk(12 + viewCells, 3);
    await world.clock.advance(2 * stepMs + 50);
    expect(watcher.take("actor.moved", "actor.vanished")).toMatchObject([{ type: "actor.vanished" }]);
  });

  test("are gone once they have left, and not before", async () => {
    const client = await at(10);
    expect(client.visit.isOver?.()).toBe(false);
    expect(await client.leave("char-select")).toEqual(accepted({}));
    expect(client.visit.isOver?.()).toBe(true);
  });

  test("hear the players whom they see, and themselves", async () => {
    const [speaker, near, far] = [await at(10), await at(12), await at(30)];
    expect(await speaker.say("good morning")).toEqual(accepted({}));
    const said = { charId: 101, name: "player_1", text: "good morning" };
    expect(speaker.take("actor.said")).toMatchObject([said]);
    expect(near.take("actor.said")).toMatchObject([said]);
    expect(far.take("actor.said")).toEqual([]);
  });

  test("also get the words in the bytes of the speaker's kind of client", async () => {
    const [speaker, near] = [await at(10), await at(12)];
    const original = { dialect: "ragnarok", bytes: Uint8Array.of(0x82, 0xa0, 0x81, 0x42) };
    expect(await speaker.say("‚\ufffd\ufffdB", original)).toEqual(accepted({}));
    expect(near.take("actor.said")).toMatchObject([{ text: "‚\ufffd\ufffdB", original }]);
  });

  test.each([
    ...["", "   ", "\t", "two\nlines", "bell\u0007", "\u0085next", "two\u2028lines", "half \ud83d"],
    // These texts have characters that reverse their order, so that they read as something else.
    ...["\u202eadA", "ad\u202dmin", "\u2066x\u2069", "a\u200eb", "a\u200fb", "a\u061cb"],
    // These texts contain invisible characters or consist of them.
    ...[
      "ad\u200bmin",
      "ad\u00admin",
      "ad\u2060min",
      "ad\ufeffmin",
      "ad\u{e0041}min",
      "\u3164",
      "\u200d",
      "\ufe0f",
    ],
  ])("cannot say %j", async (text) => {
    const [speaker, near] = [await at(10), await at(12)];
    expect(await speaker.say(text)).toEqual(refused("text-invalid"));
    expect(near.take("actor.said")).toEqual([]);
  });

  test.each([
    ...["a", " leading", "ünïcode", "漢字", "🙂", "שלום", "नमस्ते", "می\u200cخواهم"],
    ...["👩\u200d🚀", "❤\ufe0f", "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}"],
  ])("can say %j", async (text) => {
    expect(await (await at(10)).say(text)).toEqual(accepted({}));
  });

  test("are told if there is no path, and stay", async () => {
    const client = await at(10);
    expect(await client.walk(99, 3)).toEqual(refused("no-path"));
    expect(await client.walk(13, 3)).toEqual(accepted({ steps: 3 }));
  });

  test("stand on the spawn if the saved position is not walkable", async () => {
    const client = await world.plays(world.character(), { x: 4_000, y: 4_000 });
    await client.leave();
    expect(world.link.all("leave")[0]?.saved?.position).toEqual({ map: "meadow", x: 1, y: 1 });
  });
});

test("a client that has not entered can do nothing", async () => {
  const character = world.character();
  world.population.expect(character);
  const client = await world.plays();
  client.disconnect();
  expect(await client.walk(12, 3)).toEqual(refused("out-of-order"));
  expect(await client.say("hello")).toEqual(refused("out-of-order"));
  expect(await client.leave()).toEqual(refused("out-of-order"));
});

describe("a warp", () => {
  const warpX = 39;

  test("leads to the other map of the server, out of one view and into the other", async () => {
    const [left, met] = [await at(warpX - 1), await at(2, "moor")];
    const traveller = await at(warpX - 2);
    await settled();
    left.take();
    traveller.take();
    await traveller.walk(warpX, 3);
    await world.clock.advance(2 * stepMs + 50);
    expect(left.take("actor.vanished")).toMatchObject([{ charId: 103 }]);
    expect(met.take("actor.appeared")).toMatchObject([{ charId: 103, x: 2, y: 3 }]);
    const [changed, appeared] = traveller.take("map.changed", "actor.appeared");
    expect(changed).toMatchObject({
      type: "map.changed",
      charId: 103,
      position: { map: "moor", x: 2, y: 3 },
    });
    expect(appeared).toMatchObject({ type: "actor.appeared", charId: 102 });

    expect(await traveller.walk(4, 3)).toEqual(accepted({ steps: 2 }));
    await world.clock.advance(3 * stepMs);
    await traveller.leave();
    expect(world.link.all("leave")[0]?.saved?.position).toEqual({ map: "moor", x: 4, y: 3 });
  });

  test("does not move a player that left on the step onto it", async () => {
    const client = await at(warpX - 1);
    await client.walk(warpX, 3);
    const watcher = await at(2, "moor");
    client.heard = () => queueMicrotask(() => client.disconnect());
    await world.clock.advance(3 * stepMs);
    expect(world.population.count).toBe(1);
    expect(watcher.take("actor.appeared")).toEqual([]);
  });
});

test("the answer to entering comes before the events on the map", async () => {
  await at(10);
  const door = new ClientDoor<MapDoor>(world.host, {
    door: "map",
    bounds: defaultClientBounds,
    welcome: (client) => visitMapServer(client, world.population, world.gamemasters),
  });
  const [near, far] = memoryChannelPair(["client", "door"]);
  const frames: string[] = [];
  const splitter = new FrameSplitter(1 << 21);
  const events = new MessageCodec(mapDoorEvents);
  near.listen({
    bytes: (chunk) => {
      for (const { kind, body } of splitter.push(chunk)) {
        frames.push(kind === "notice" ? events.decode(body).message.type : kind);
      }
    },
    closed() {},
  });
  door.accept(far, nativeMapDoor);
  const character = world.character();
  world.population.expect(character);
  const { accountId, charId, loginId1, sex } = character;
  const enter = { type: "map.enter", accountId, charId, loginId1, sex } as const;
  near.send(helloFrame());
  near.send(encodeFrame("request", 1, new MessageCodec(mapDoorMessages).encode(enter, 1_000)));
  await settled();
  expect(frames).toEqual(["reply", "actor.appeared"]);
  door.stop("the test is over");
});
