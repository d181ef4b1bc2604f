import type { MapDoor } from "@sallyport/domain";
import type { Client } from "@sallyport/server-kit";
import { expect, test } from "vitest";
import { Onlookers, writesMax } from "../src/onlookers.ts";
import { expectedPlayer, type Player } from "../src/player.ts";
import { HandMadeWorld } from "./hand-made.ts";

/** Puts players onto one cell, and counts the writes to their clients. */
function crowd(count: number) {
  const world = new HandMadeWorld();
  let writes = 0;
  const client = { show() {}, flush: () => void (writes += 1), unreadBytes: 0 };
  const cell = { x: 1, y: 1 };
  const onlookers = new Onlookers({ see: () => true, position: () => cell, courseOf: () => undefined }, 100);
  const players = Array.from({ length: count }, (): Player => {
    const player = expectedPlayer(world.character(), 0, {}, { state: {}, attributes: {} });
    player.client = client as unknown as Client<MapDoor>;
    return player;
  });
  for (const player of players) {
    onlookers.add(player);
    onlookers.appear(player.charId, []);
  }
  const ids = players.map(({ charId }) => charId);
  return { onlookers, ids, writes: () => writes };
}

test("a turn of the event loop makes a bounded number of writes, and further turns make the rest", () => {
  const { onlookers, ids, writes } = crowd(2 * writesMax + 2);
  const [first = 0] = ids;
  onlookers.showActor(ids, first);
  expect([onlookers.flush(), writes()]).toEqual([false, writesMax]);
  expect([onlookers.flush(), writes()]).toEqual([false, 2 * writesMax]);
  expect([onlookers.flush(), writes()]).toEqual([true, 2 * writesMax + 1]);
  expect(onlookers.isWaiting).toBe(false);
});

test("a player that is shown something between two such turns gets one write for all of it", () => {
  const { onlookers, ids, writes } = crowd(writesMax + 2);
  onlookers.showActor(ids, ids[0] ?? 0);
  onlookers.flush();
  onlookers.showActor(ids.slice(-1), ids[1] ?? 0);
  onlookers.flush();
  expect(writes()).toBe(writesMax + 1);
});
