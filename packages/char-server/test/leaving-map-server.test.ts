import { accepted } from "@sallyport/domain";
import { serverLockKey } from "@sallyport/lock-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CharServerScene } from "./char-server-scene.ts";
import { HandMadeMapServer } from "./hand-made-map-server.ts";

/*
 * These tests stop a map-server for good while a character is on its way to this map-server. The server lock
 * must end after the character lock.
 */

let scene: CharServerScene;
/** The hop or the hand-over waits for this promise, which `goOn` resolves. */
let held: Promise<void>;
let goOn: () => void;
beforeEach(async () => {
  scene = await CharServerScene.start();
  held = new Promise((resolve) => {
    goOn = resolve;
  });
});
afterEach(() => {
  expect(scene.bugs).toEqual([]);
});

const hasServerLock = (server: string): boolean => scene.state.locks.has(serverLockKey(server));

test("the lock of a character that hops to a leaving map-server does not outlast the server lock", async () => {
  const { clock } = scene;
  const other = new HandMadeMapServer(clock, (channel) => scene.char.acceptMapServer(channel), "map-2", [
    "forest",
  ]);
  await other.start();
  await clock.advance(1_000);
  const character = await scene.plays();
  scene.around.pass = (...pass) => held.then(() => scene.stores.characters.pass(...pass));
  const hopped = scene.map.hop(character, "forest");
  await clock.advance(100);
  const stopped = other.stop();
  await clock.advance(1_000);
  expect([other.expected.length, hasServerLock("map-2")]).toEqual([1, true]);
  expect(await scene.lock()).toMatchObject({ state: "hopping" });
  goOn();
  await scene.now(Promise.all([hopped, stopped]));
  expect(await scene.lock()).toEqual({ state: "free" });
  expect(hasServerLock("map-2")).toBe(false);
});

test("the lock of a character that is handed over to a leaving map-server does not outlast the server lock", async () => {
  const client = await scene.chooses();
  scene.map.says = () => held.then(() => accepted({}));
  const chosen = client.choose(scene.charId);
  await scene.clock.advance(100);
  const stopped = scene.map.stop();
  await scene.clock.advance(1_000);
  expect([scene.map.expected.length, hasServerLock("map-1")]).toEqual([1, true]);
  expect(await scene.lock()).toMatchObject({ state: "handing-over" });
  goOn();
  await scene.now(Promise.all([chosen, stopped]));
  expect(await scene.lock()).toEqual({ state: "free" });
  expect(hasServerLock("map-1")).toBe(false);
});
