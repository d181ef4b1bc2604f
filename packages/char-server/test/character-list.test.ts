import { characterNames, noTrail } from "@sallyport/database";
import { type CharDoor, LoginId } from "@sallyport/domain";
import { type Client, silentLog } from "@sallyport/server-kit";
import { must, until } from "@sallyport/testkit";
import { beforeEach, expect, test } from "vitest";
import { visitCharServer } from "../src/client-visit.ts";
import { map, position, Scene, self } from "./hand-over-scene.ts";

let scene: Scene;
/** If this is true, the server holds the account before the client comes. */
let isHeld: boolean;
let lists: number;
beforeEach(async () => {
  scene = await Scene.open();
  [isHeld, lists] = [false, 0];
  // The scene begins with a client at character select. These tests begin without one.
  await scene.evict();
});

function enter() {
  const { ticket, accountFence } = scene;
  const { characters } = scene.stores;
  const client = {
    ...{ log: silentLog(), remote: "127.0.0.1:50000", introduction: null, isConnected: true },
    ...{ follow: () => {}, send: () => {}, disconnect: () => {} },
  } as unknown as Client<CharDoor>;
  const accounts = scene.accountOwners();
  if (isHeld) accounts.reclaimed({ ...ticket, accountFence, trace: "trace" });
  const list: typeof characters.list = (of) => {
    lists += 1;
    return characters.list(of);
  };
  const visit = visitCharServer({ wallMs: () => 0 }, client, {
    ...{ accounts, handOver: scene.handOver(), characters: { ...characters, list }, self },
    ...{ world: "Alpha", spawnMap: { isMissing: false }, trail: noTrail },
    rules: { slotCount: 9, names: characterNames(), deletionS: 0, spawn: position },
  });
  return visit.handlers["char.enter"]({ type: "char.enter", ...ticket });
}

test("is read once if nobody had the account and its characters before", async () => {
  expect(await enter()).toMatchObject({ value: { characters: [{ name: "alice" }] } });
  expect(lists).toBe(1);
});

test("is read again after the lock was taken if this server held the account before", async () => {
  isHeld = true;
  expect(await enter()).toMatchObject({ value: { characters: [{ name: "alice" }] } });
  expect(lists).toBe(2);
});

test("shows the state that an older login saves while it leaves", async () => {
  await scene.logIn();
  const { accountId } = scene.ticket;
  must(await scene.choose());
  await scene.evict();
  const { charId, charFence: fence } = await scene.reference();
  scene.accountFence = must(await scene.stores.accounts.raiseFence(accountId)).fence;
  scene.ticket = { ...scene.ticket, loginId1: LoginId(91), loginId2: LoginId(92) };
  const entering = enter();
  await until(() => scene.heldCount === 1, { what: "the newer login waits for the lock" });
  const state = { position: { map: "cave", x: 7, y: 8 }, attributes: {} };
  const save = { charId, world: "Alpha", fence, owner: map.server, saveNumber: 1, state };
  must(await scene.stores.characters.save(save));
  await scene.locks.apply(accountId, { type: "leave", owner: map, charId, charFence: fence });
  expect(await entering).toMatchObject({ value: { characters: [{ position: state.position }] } });
});
