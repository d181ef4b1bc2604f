import { afterEach, beforeEach, expect, test } from "vitest";
import { type HandMadeClient, HandMadeWorld, stepMs } from "./hand-made.ts";

const roundMs = 50;

let world: HandMadeWorld;
beforeEach(() => {
  world = new HandMadeWorld();
});
afterEach(() => {
  expect(world.bugs).toEqual([]);
});

const at = (x: number): Promise<HandMadeClient> => world.plays(world.character(), { x, y: 3 });

test("all that a player is shown in one round leaves in one write", async () => {
  const watcher = await at(10);
  await world.clock.advance(10 * roundMs);
  const before = watcher.flushes;
  const others = [await at(10), await at(11), await at(12)];
  for (const other of others) await other.walk(13, 3);
  await world.clock.advance(roundMs - 1);
  expect(watcher.flushes).toBe(before);
  await world.clock.advance(1);
  expect(watcher.take("actor.appeared", "actor.walks")).toHaveLength(6);
  expect(watcher.flushes).toBe(before + 1);
});

test("steps that end soon after each other do not lead to more rounds", async () => {
  const [first, second] = [await at(10), await at(11)];
  await first.walk(11, 3);
  await world.clock.advance(roundMs / 2);
  await second.walk(12, 3);
  const before = first.flushes;
  first.take();
  const ms = stepMs + roundMs;
  await world.clock.advance(ms);
  expect(first.take("actor.moved").map(({ charId }) => charId)).toEqual([101, 102]);
  expect(first.flushes - before).toBeLessThanOrEqual(ms / roundMs);
});

test("a map on which nothing changes runs no timer", async () => {
  const idle = world.clock.timerCount;
  const client = await at(10);
  await at(11);
  await client.walk(13, 3);
  await world.clock.advance(10 * stepMs);
  const { flushes } = client;
  expect(world.clock.timerCount).toBe(idle);
  await world.clock.advance(100 * stepMs);
  expect(client.flushes).toBe(flushes);
});

test("a player alone is written nothing but its own steps", async () => {
  const client = await at(10);
  await world.clock.advance(10 * roundMs);
  expect(client.flushes).toBe(0);
});

test("all who come into view of an actor that stands are shown the same object", async () => {
  const stands = await at(10);
  const [first, second] = [await at(11), await at(12)];
  const [appeared] = first.take("actor.appeared");
  expect(second.take("actor.appeared")).toContain(appeared);
  await stands.walk(11, 3);
  await world.clock.advance(2 * stepMs);
  const third = await at(12);
  expect(third.take("actor.appeared")).not.toContain(appeared);
});

test("a client that has loaded the map is shown all others in view, and its own walk", async () => {
  const [looker, other, far] = [await at(10), await at(11), await at(30)];
  await looker.walk(13, 3);
  await world.clock.advance(stepMs);
  looker.take();
  far.take();
  await looker.look();
  expect(looker.take("actor.appeared", "actor.walks")).toMatchObject([
    { type: "actor.appeared", charId: 102, x: 11, y: 3 },
    { type: "actor.walks", charId: 101, x: 11, y: 3, walked: 1 },
  ]);
  expect([...other.take("actor.appeared"), ...far.take("actor.appeared")]).toHaveLength(1);
});

test("a player may ask for the names of those in view, and no others", async () => {
  const [looker] = [await at(10), await at(11), await at(30)];
  const nameOf = async (account: number) => {
    const answer = await looker.nameOf(account);
    return answer.ok ? answer.value.name : answer;
  };
  expect([await nameOf(2), await nameOf(3), await nameOf(99)]).toEqual(["player_2", null, null]);
});
