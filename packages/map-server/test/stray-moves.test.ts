import { accepted, refused } from "@sallyport/domain";
import { settled } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { StrayMoves } from "../src/stray-moves.ts";
import { type HandMadeClient, HandMadeWorld, stepMs } from "./hand-made.ts";

const door = { host: "other", port: 7, wsUrl: null, otherDoors: [] };
const address = { ...door, near: [] };
const perSecond = 20;

let world: HandMadeWorld;
/** These clients are on the meadow. Another map-server becomes the host of the meadow during the test. */
let clients: HandMadeClient[];
let moves: StrayMoves;
beforeEach(() => {
  world = new HandMadeWorld();
  world.link.held.add("hop");
  clients = [];
  const { population } = world;
  moves = new StrayMoves(world.host, { population, perSecond });
});

async function play(count: number): Promise<void> {
  for (let each = 0; each < count; each += 1) clients.push(await world.plays());
}

const asked = (): number => world.link.all("hop").length;
async function answerAll(outcome: Parameters<typeof world.link.answer>[1]): Promise<void> {
  for (let left = asked() - answered; left > 0; left -= 1) {
    world.link.answer("hop", outcome);
    answered += 1;
  }
  await settled();
}
let answered = 0;
beforeEach(() => {
  answered = 0;
});

describe("a player on a map that another map-server now hosts", () => {
  test("is passed on where it stands, is told where to go, and is not saved here any more", async () => {
    await play(1);
    world.population.host(["moor"]);
    await world.clock.advance(100);
    const saved = { position: { map: "meadow", x: 10, y: 3 }, attributes: { gold: 7 } };
    expect(world.link.all("hop")).toMatchObject([{ charId: 101, saved }]);
    await answerAll(accepted(address));
    expect(clients[0]?.events.at(-1)).toEqual({ type: "map.hop", position: saved.position, ...door });
    expect([world.population.count, world.link.all("leave")]).toEqual([0, []]);
  });

  test("stops walking first, so that its last position is passed on", async () => {
    await play(1);
    expect(await clients[0]?.walk(20, 3)).toMatchObject({ ok: true });
    await world.clock.advance(2 * stepMs + 50);
    world.population.host(["moor"]);
    await world.clock.advance(100);
    const [hop] = world.link.all("hop");
    const steps = clients[0]?.take("actor.moved").length ?? 0;
    expect(steps).toBeGreaterThan(0);
    expect(hop?.saved).toEqual({
      position: { map: "meadow", x: 10 + steps, y: 3 },
      attributes: { gold: 7 },
    });
    await world.clock.advance(10 * stepMs);
    expect(clients[0]?.take("actor.moved")).toEqual([]);
  });

  test("is passed on in turn: a limited number each second, and no more than that wait for an answer", async () => {
    await play(60);
    world.population.host([]);
    await world.clock.advance(500);
    expect(asked()).toBe(10);
    await world.clock.advance(5_000);
    expect(asked()).toBe(perSecond);
    await answerAll(accepted(address));
    await world.clock.advance(1_000);
    expect(asked()).toBe(2 * perSecond);
  });

  test("plays on if the other server refuses it, and is tried again after a longer pause each time", async () => {
    await play(1);
    world.population.host([]);
    const times: number[] = [];
    for (let ms = 0; ms < 20_000; ms += 100) {
      await world.clock.advance(100);
      if (asked() === answered) continue;
      times.push(ms);
      await answerAll(refused("map-unavailable", 1_000));
      expect(await clients[0]?.walk(11, 3)).toMatchObject({ ok: true });
    }
    const pauses = times.slice(1).map((ms, index) => ms - (times[index] ?? 0));
    expect(pauses[0]).toBeLessThan(1_000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(5_200);
    expect([...pauses].sort((a, b) => a - b)).toEqual(pauses);
    await world.clock.advance(6_000);
    await answerAll(accepted(address));
    expect(world.population.count).toBe(0);
  });

  test("stays if the map comes back before it left", async () => {
    await play(1);
    world.population.host([]);
    world.population.host(["meadow"]);
    await world.clock.advance(1_000);
    expect(asked()).toBe(0);
    expect(await clients[0]?.walk(11, 3)).toMatchObject({ ok: true });
  });

  test("is admitted if it was expected before, and then passed on", async () => {
    const character = world.character();
    expect(world.population.expect(character).ok).toBe(true);
    world.population.host([]);
    await world.clock.advance(1_000);
    expect(asked()).toBe(0);
    const late = world.client();
    expect(await late.enter(character)).toMatchObject({ ok: true });
    await world.clock.advance(100);
    expect(asked()).toBe(1);
  });

  test("goes where a warp leads that it has just stepped on, and is not passed on from there", async () => {
    await play(1);
    const stepping = await world.plays(world.character(), { x: 38 });
    await stepping.walk(39, 3);
    world.population.host(["moor"]);
    await world.clock.advance(stepMs + 100);
    expect(stepping.events.at(-1)).toMatchObject({ type: "map.changed", position: { map: "moor" } });
  });
});

test("a map that another server now hosts accepts no new player here, and a warp to it leads there", async () => {
  await play(1);
  const stepping = await world.plays(world.character(), { map: "moor", x: 38 });
  world.population.host(["moor"]);
  moves.stop();
  expect(world.population.expect(world.character())).toEqual(refused("map-not-hosted"));
  await stepping.walk(39, 3);
  await world.clock.advance(2 * stepMs);
  expect(world.link.all("hop")).toMatchObject([{ saved: { position: { map: "meadow" } } }]);
});
