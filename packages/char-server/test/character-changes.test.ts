import { accepted, refused } from "@sallyport/domain";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CharServerScene, timing } from "./char-server-scene.ts";
import { ticketOf } from "./hand-made-login.ts";
import type { Expected } from "./hand-made-map-server.ts";

let scene: CharServerScene;
beforeEach(async () => {
  scene = await CharServerScene.start();
  scene.login.operate = async () => accepted(idsOf(await scene.ticket(2)));
});
afterEach(() => {
  expect(scene.bugs).toEqual([]);
});

const done = { ok: true, value: {} };
const idsOf = ({ accountId: _, ...ids }: Awaited<ReturnType<CharServerScene["ticket"]>>) => ids;

const listed = async () => {
  const [character] = await scene.stores.characters.list({ accountId: scene.accountId, world: "Alpha" });
  return character;
};
const operated = () => scene.login.all("account.operate").length;

/** The login-server asks for the account of this player, and answers when the account is released. */
function makesLeave({ accountId, loginId1 }: Expected): void {
  const { login, clock } = scene;
  login.operate = async () => {
    await login.links
      .at(-1)
      ?.ask({ type: "account.kick", accountId, loginId1, reason: "lock-lost", told: null }, 3_000);
    while (login.all("account.release").length === 0) await new Promise<void>((on) => clock.after(100, on));
    return accepted(idsOf(await scene.ticket(2)));
  };
}

describe("a character that plays", () => {
  test("is saved and leaves before it is renamed, and the account is released afterwards", async () => {
    const player = await scene.plays();
    makesLeave(player);
    const renamed = scene.char.changes.rename("ALICE", "Alina");
    await scene.clock.advance(1_000);
    expect(scene.map.kicked).toHaveLength(1);
    expect(await listed()).toMatchObject({ name: "alice" });
    await scene.map.leave(player, 7);
    await scene.clock.advance(1_000);
    expect(await renamed).toEqual(done);
    expect(await listed()).toMatchObject({ name: "Alina", fence: player.charFence + 1 });
    expect(scene.stores.stateOf(scene.charId)).toMatchObject({ attributes: { gold: 7 } });
    expect(await scene.lock()).toEqual({ state: "free" });
    expect(scene.login.all("account.release")).toHaveLength(2);
  });

  test("stays where it was moved, even if its map-server saves it after the evict timer", async () => {
    const player = await scene.plays();
    makesLeave(player);
    const moved = scene.char.changes.move("alice", { map: "harbour", x: 9, y: 9 });
    await scene.clock.advance(timing.evictMs + 2_000);
    expect(await moved).toEqual(done);
    expect(await scene.now(scene.map.save(player, 1, 7))).toEqual({ ok: false, refusal: "lock-lost" });
    expect(await listed()).toMatchObject({ position: { map: "harbour", x: 9, y: 9 } });
  });
});

describe("a change that is refused whoever plays", () => {
  test.each([
    ["name-invalid", () => scene.char.changes.rename("alice", "?")],
    ["no-such-character", () => scene.char.changes.rename("nobody", "Alina")],
    ["no-such-character", () => scene.char.changes.delete("nobody")],
    ["no-such-map", () => scene.char.changes.move("alice", { map: "nowhere", x: 1, y: 1 })],
  ])("is refused as %s before anybody has to leave", async (refusal, change) => {
    expect(await scene.now<unknown>(change())).toEqual({ ok: false, refusal });
    expect(operated()).toBe(0);
  });

  test("is refused before anybody has to leave if another character has the name", async () => {
    const raised = await scene.stores.accounts.raiseFence(scene.accountId);
    if (!raised.ok) throw new Error(raised.refusal);
    const { fence: accountFence } = raised.value;
    const of = { accountId: scene.accountId, accountFence, world: "Alpha", slot: 1, name: "Bob" };
    await scene.stores.characters.create({ ...of, position: { map: "harbour", x: 1, y: 1 } });
    const taken = await scene.now(scene.char.changes.rename("alice", "BOB"));
    expect(taken).toEqual({ ok: false, refusal: "name-taken" });
    expect(operated()).toBe(0);
  });
});

describe("an operator's change", () => {
  test("deletes a character, and leaves no lock behind", async () => {
    expect(await scene.now(scene.char.changes.delete("alice"))).toEqual(done);
    expect(await listed()).toBeUndefined();
    expect(await scene.lock()).toEqual({ state: "free" });
  });

  test("begins anew when a client logs in meanwhile, and gives up after the third time", async () => {
    let logins = 0;
    scene.around.list = async (of) => {
      logins += 1;
      if (logins > 2) delete scene.around.list;
      await scene.stores.accounts.raiseFence(scene.accountId);
      return scene.stores.characters.list(of);
    };
    const renamed = scene.char.changes.rename("alice", "Alina");
    await scene.clock.advance(5_000);
    expect(await renamed).toEqual({ ok: false, refusal: "overtaken" });
    expect([logins, operated()]).toEqual([3, 3]);
    const again = await scene.now(scene.char.changes.rename("alice", "Alina"));
    expect(again).toEqual(done);
  });

  test("is unavailable without a link to the login-server, and changes nothing", async () => {
    scene.login.isUnreachable = true;
    scene.login.cut();
    await scene.clock.advance(100);
    expect(await scene.now(scene.char.changes.rename("alice", "Alina"))).toMatchObject({
      refusal: "unavailable",
    });
    expect(await listed()).toMatchObject({ name: "alice" });
    expect(await scene.lock()).toEqual({ state: "free" });
  });

  test("is refused if the account is gone", async () => {
    scene.login.operate = () => refused("no-such-account");
    expect(await scene.now(scene.char.changes.delete("alice"))).toMatchObject({
      refusal: "no-such-character",
    });
  });

  test("holds the account with ids of its own, so that a client with older ids is refused", async () => {
    scene.around.list = async (of) => {
      delete scene.around.list;
      const client = scene.client();
      expect(await client.enter(ticketOf(scene.accountId, 1))).toMatchObject({ ok: false });
      return scene.stores.characters.list(of);
    };
    const deleted = scene.char.changes.delete("alice");
    await scene.clock.advance(1_000);
    expect(await deleted).toEqual(done);
  });
});
