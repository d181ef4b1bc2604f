import { firstActorId } from "@sallyport/domain";
import { roundMs } from "@sallyport/map-world";
import { afterEach, beforeEach, expect, test } from "vitest";
import { otherActor } from "../src/actor.ts";
import type { MapRunner } from "../src/map-runner.ts";
import { unreadBytesMax } from "../src/onlookers.ts";
import { type HandMadeClient, HandMadeWorld, stepMs } from "./hand-made.ts";

const maraId = firstActorId + 1;
const mara = otherActor({ id: maraId, kind: "npc", name: "Mara", sprite: 112 });

let world: HandMadeWorld;
let runner: MapRunner;
beforeEach(() => {
  world = new HandMadeWorld();
  runner = world.runnerOf("meadow");
});
afterEach(() => {
  expect(world.bugs).toEqual([]);
});

const at = (x: number): Promise<HandMadeClient> => world.plays(world.character(), { x, y: 3 });

test("an actor that is no player appears to all in view, and to all that come", async () => {
  const [near, far] = [await at(10), await at(30)];
  near.take();
  runner.spawn(mara, { x: 12, y: 3 });
  const appeared = {
    ...{ type: "actor.appeared", kind: "npc", accountId: 0, charId: maraId, name: "Mara" },
    ...{ looks: { class: 112 }, x: 12, y: 3, path: [], walked: 0, cameFrom: null, shown: new Uint8Array() },
  };
  expect(near.take("actor.appeared")).toMatchObject([appeared]);
  expect(far.take("actor.appeared")).toEqual([]);
  const comes = await at(13);
  expect(comes.take("actor.appeared").filter(({ charId }) => charId === maraId)).toMatchObject([appeared]);
});

test("it walks, speaks and vanishes for all who see it", async () => {
  const watcher = await at(10);
  runner.spawn(mara, { x: 12, y: 3 });
  watcher.take();
  expect(runner.walk(mara, { x: 14, y: 3 })).toBe(2);
  await world.clock.advance(2 * stepMs + roundMs);
  runner.say(mara, { text: "hello" });
  runner.despawn(maraId);
  await world.clock.advance(roundMs);
  expect(watcher.take("actor.walks", "actor.moved", "actor.said", "actor.vanished")).toMatchObject([
    { type: "actor.walks", charId: maraId, x: 12 },
    { type: "actor.moved", charId: maraId, x: 13, walked: 1 },
    { type: "actor.moved", charId: maraId, x: 14, walked: 2 },
    { type: "actor.said", charId: maraId, name: "Mara", text: "hello" },
    { type: "actor.vanished", accountId: 0, charId: maraId },
  ]);
  expect(runner.otherCount).toBe(0);
});

test("it comes into view and goes out of view as a player walks by", async () => {
  runner.spawn(mara, { x: 20, y: 3 });
  const walker = await at(10);
  await walker.walk(26, 3);
  await world.clock.advance(20 * stepMs);
  const seen = walker.take("actor.appeared", "actor.vanished").map(({ type, charId }) => [type, charId]);
  expect(seen).toEqual([
    ["actor.appeared", maraId],
    ["actor.vanished", maraId],
  ]);
});

test("a step on a warp does not take it to another map", async () => {
  runner.spawn(mara, { x: 38, y: 3 });
  runner.walk(mara, { x: 39, y: 3 });
  await world.clock.advance(10 * stepMs);
  expect([runner.otherCount, runner.find(maraId)]).toEqual([1, mara]);
});

test("a client that is behind is then shown where it is now", async () => {
  const watcher = await at(10);
  runner.spawn(mara, { x: 12, y: 3 });
  await world.clock.advance(10 * roundMs);
  watcher.unreadBytes = unreadBytesMax + 1;
  runner.say(mara, { text: "hello" });
  await world.clock.advance(roundMs);
  watcher.take();
  runner.walk(mara, { x: 14, y: 3 });
  await world.clock.advance(10 * stepMs);
  expect(watcher.events).toEqual([]);
  watcher.unreadBytes = 0;
  await world.clock.advance(roundMs);
  expect(watcher.take("actor.moved", "actor.walks")).toMatchObject([
    { type: "actor.moved", charId: maraId, x: 14, y: 3 },
    { type: "actor.walks", charId: maraId, path: [] },
  ]);
});

test("many of them that stand cost no timer, and many that walk cost no write to players far away", async () => {
  const idle = world.clock.timerCount;
  const player = await at(10);
  await world.clock.advance(10 * roundMs);
  const flushes = player.flushes;
  const crabs = Array.from({ length: 100 }, (_, nth) =>
    otherActor({ id: firstActorId + 100 + nth, kind: "monster", name: "Crab" }),
  );
  for (const crab of crabs) runner.spawn(crab, { x: 30, y: 3 });
  await world.clock.advance(10 * roundMs);
  expect(world.clock.timerCount).toBe(idle);
  for (const crab of crabs) runner.walk(crab, { x: 35, y: 3 });
  await world.clock.advance(10 * stepMs);
  expect([player.flushes, world.clock.timerCount, runner.otherCount]).toEqual([flushes, idle, 100]);
});

test("a player may ask for the name of one in view, and of no other", async () => {
  runner.spawn(mara, { x: 12, y: 3 });
  const [near, far] = [await at(10), await at(30)];
  const nameFor = async (client: HandMadeClient, actor: number) => {
    const answer = await client.nameOf(actor);
    return answer.ok ? answer.value.name : answer;
  };
  expect([await nameFor(near, maraId), await nameFor(far, maraId)]).toEqual(["Mara", null]);
  expect(await nameFor(near, maraId + 1)).toBeNull();
});

test("their number is known for each map", () => {
  runner.spawn(mara, { x: 12, y: 3 });
  expect(world.population.places.otherActors).toEqual([
    ["meadow", 1],
    ["moor", 0],
  ]);
});
