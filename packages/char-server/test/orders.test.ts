import { afterEach, beforeEach, expect, test } from "vitest";
import { CharServerScene } from "./char-server-scene.ts";

const soonMs = 4_102_444_800_000;
const lookMs = 2_000;

let scene: CharServerScene;
beforeEach(async () => {
  scene = await CharServerScene.start();
});
afterEach(() => {
  expect(scene.bugs).toEqual([]);
});

test("a character goes to its map-server with what its account may do", async () => {
  const { accounts } = scene.stores;
  await accounts.setRole({ accountId: scene.accountId, role: "gamemaster" });
  await accounts.setMute({ accountId: scene.accountId, untilMs: soonMs });
  expect(await scene.plays()).toMatchObject({ role: "gamemaster", mutedUntilMs: soonMs });
});

test("a map-server is told what changes while the player is there, more than once", async () => {
  const { accountId } = await scene.plays();
  await scene.stores.accounts.setRole({ accountId, role: "gamemaster" });
  await scene.clock.advance(lookMs);
  const told = { accountId, role: "gamemaster", mutedUntilMs: null };
  expect(scene.map.standings).toMatchObject([told]);
  // The map-server may have been about to get the character.
  await scene.clock.advance(8_000);
  expect(scene.map.standings.length).toBeGreaterThan(1);
  expect(scene.map.standings.at(-1)).toMatchObject(told);
});

test("a map-server that comes back is told what changed while it was away, and all bans that hold", async () => {
  const { accountId } = await scene.plays();
  const { accounts, networkBans } = scene.stores;
  await networkBans.add({ of: { network: "192.0.2.0/24" }, untilMs: soonMs, reason: "a flood" });
  await accounts.setRole({ accountId, role: "gamemaster" });
  await scene.clock.advance(lookMs);
  scene.map.standings.length = 0;
  scene.map.bans.length = 0;
  scene.map.cut();
  await scene.clock.advance(lookMs);
  expect(scene.map.standings).toMatchObject([{ accountId, role: "gamemaster" }]);
  expect(scene.map.bans).toMatchObject([
    { isFirst: true, isLast: true, bans: [{ network: "192.0.2.0/24", untilMs: soonMs, text: "a flood" }] },
  ]);
});

test("all bans go to a map-server in pages", async () => {
  const { networkBans } = scene.stores;
  for (let nth = 0; nth < 450; nth += 1)
    await networkBans.add({ of: { device: `mac-${nth}` }, untilMs: soonMs });
  await scene.clock.advance(lookMs);
  scene.map.bans.length = 0;
  scene.map.cut();
  await scene.clock.advance(lookMs);
  expect(scene.map.bans.map(({ bans, isFirst, isLast }) => [bans.length, isFirst, isLast])).toEqual([
    [200, true, false],
    [200, false, false],
    [50, false, true],
  ]);
});

test("a banned player is asked for although the login-server cannot ask, and is told until when", async () => {
  const { accountId, charId, charFence } = await scene.plays();
  scene.login.isUnreachable = true;
  await scene.stores.accounts.setBan({ accountId, untilMs: soonMs, reason: "for cheating" });
  await scene.clock.advance(lookMs);
  const told = { reason: "banned", untilMs: soonMs, text: "for cheating" };
  expect(scene.map.kicked).toMatchObject([{ accountId, charId, charFence, reason: "lock-lost", told }]);
  expect(await scene.lock()).toMatchObject({ state: "evicting", told });
});

test("a banned client at character select is told, and its locks are free", async () => {
  const client = await scene.chooses();
  const { accountId } = scene;
  await scene.stores.accounts.setBan({ accountId, untilMs: soonMs });
  await scene.clock.advance(lookMs);
  expect([client.kickedFor, client.isConnected]).toEqual(["banned", false]);
  expect(await scene.lock()).toEqual({ state: "free" });
});

test("a ban that was lifted before the login puts nobody out", async () => {
  const { accounts } = scene.stores;
  const { accountId } = scene;
  await accounts.setBan({ accountId, untilMs: soonMs });
  await accounts.setBan({ accountId, untilMs: null });
  const client = await scene.chooses();
  await scene.clock.advance(20_000);
  expect([client.kickedFor, client.isConnected]).toEqual([null, true]);
});
