import { accepted } from "@sallyport/domain";
import { settled } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { drain } from "../src/drain.ts";
import { StrayMoves } from "../src/stray-moves.ts";
import { HandMadeWorld } from "./hand-made.ts";

const address = { host: "other", port: 7, wsUrl: null, otherDoors: [], near: [] };
const withinMs = 10_000;

let world: HandMadeWorld;
/** A stand-in for the link to the char-server. The test decides when other servers get the maps. */
let link: { isUp: boolean; isDrainTold: boolean; areOthersLinked: boolean; drain: () => void };
let isStopped: boolean;
let told: number;
beforeEach(() => {
  world = new HandMadeWorld();
  link = { isUp: true, isDrainTold: false, areOthersLinked: true, drain: () => {} };
  isStopped = false;
  told = 0;
  const { population } = world;
  new StrayMoves(world.host, { population, perSecond: 100 });
});

/** Begins a drain. Returns a function that says whether the drain is over. */
function begin(): () => boolean {
  let isOver = false;
  const { population } = world;
  const tell = (): void => void (told += 1);
  const options = { link, population, withinMs, tell, isStopped: () => isStopped };
  void drain(world.host, options).then(() => {
    isOver = true;
  });
  return () => isOver;
}

/** Gives all maps except these to other servers. */
function handOver(...kept: string[]): void {
  world.population.host(kept);
  link.isDrainTold = true;
}

describe("a map-server that drains", () => {
  test("accepts no new player from the moment of the order", async () => {
    begin();
    expect(world.population.expect(world.character())).toMatchObject({ refusal: "stopping" });
  });

  test("is done once all players are passed on, and reports its progress meanwhile", async () => {
    world.link.held.add("hop");
    for (let count = 0; count < 5; count += 1) await world.plays();
    const isOver = begin();
    await world.clock.advance(1_000);
    expect([isOver(), world.link.all("hop")]).toEqual([false, []]);
    handOver();
    await world.clock.advance(1_000);
    expect(world.link.all("hop")).toHaveLength(5);
    expect(isOver()).toBe(false);
    expect(told).toBeGreaterThan(2);
    for (let count = 0; count < 5; count += 1) world.link.answer("hop", accepted(address));
    await settled();
    await world.clock.advance(200);
    expect([isOver(), world.population.count]).toEqual([true, 0]);
  });

  test("waits for a client that is on its way, admits it, and passes it on", async () => {
    const character = world.character();
    world.population.expect(character);
    const isOver = begin();
    handOver();
    await world.clock.advance(5_000);
    expect(isOver()).toBe(false);
    const client = world.client();
    expect(await client.enter(character)).toMatchObject({ ok: true });
    await world.clock.advance(500);
    expect(isOver()).toBe(true);
    expect(client.events.at(-1)).toMatchObject({ type: "map.hop" });
  });

  test("is done at once if it has no players, linked or not", async () => {
    link.isUp = false;
    const isOver = begin();
    await world.clock.advance(0);
    expect(isOver()).toBe(true);
  });

  test("does not wait for players on maps that no other server may host", async () => {
    await world.plays();
    const isOver = begin();
    handOver("meadow", "moor");
    await world.clock.advance(200);
    expect([isOver(), world.population.count]).toEqual([true, 1]);
  });

  test("waits until other map-servers are linked again, and passes its players on to them", async () => {
    await world.plays();
    link.areOthersLinked = false;
    const isOver = begin();
    handOver("meadow", "moor");
    await world.clock.advance(1_000);
    expect([isOver(), world.population.count]).toEqual([false, 1]);
    handOver();
    link.areOthersLinked = true;
    await world.clock.advance(1_000);
    expect([isOver(), world.population.count]).toEqual([true, 0]);
  });

  test("gives up at its deadline, even without a link", async () => {
    link.isUp = false;
    await world.plays();
    const isOver = begin();
    await world.clock.advance(withinMs - 200);
    expect(isOver()).toBe(false);
    await world.clock.advance(400);
    expect([isOver(), world.population.count]).toEqual([true, 1]);
  });

  test("gives up when it is stopped meanwhile", async () => {
    await world.plays();
    const isOver = begin();
    await world.clock.advance(500);
    isStopped = true;
    await world.clock.advance(200);
    expect(isOver()).toBe(true);
  });
});
