import { clientPackets } from "@sallyport/ragnarok-load";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { spawn } from "../cluster/test-cluster.ts";
import { expectType, RagnarokCluster, untilSentAway } from "./ragnarok-cluster.ts";

/* One Ragnarok client goes through all doors. It shares no code with the servers and checks every byte. */

describe.each([20100105, 20101228] as const)("a client of %s", (packetVer) => {
  let ragnarok: RagnarokCluster;
  beforeAll(async () => {
    ragnarok = await RagnarokCluster.start({ packetVer });
  });
  afterEach(async () => expect(await ragnarok.leaveAll()).toEqual([]));
  afterAll(() => ragnarok.stop());

  test.each(["openkore", "robrowser"] as const)(
    "with the habits of %s registers by its name, plays, leaves, and comes back to where it was",
    async (manner) => {
      const account = { name: `new_${manner}`, password: "secret" };
      const client = ragnarok.client(account, { manner });
      expectType(await client.login(`${account.name}_M`), "AC_ACCEPT_LOGIN");
      expect(client.ids?.sex).toBe(1);
      await ragnarok.enterAgain(client);
      expect(client.place).toEqual(spawn);
      expect(client.worlds).toMatchObject([{ name: "Alpha" }]);

      const to = { x: spawn.x - 3, y: spawn.y };
      expectType(await client.walk(to), "ZC_NOTIFY_PLAYERMOVE");
      await ragnarok.walkTo(client, to);
      const { name = "" } = client.chosen ?? {};
      expect(await client.say("hello there")).toMatchObject({ text: `${name} : hello there` });
      expect(await client.nameOf(client.ids?.accountId ?? 0)).toMatchObject({ name });
      await client.leave();
      await ragnarok.untilFree(client);

      const back = await ragnarok.enter(ragnarok.client(account, { manner }));
      expect(back.place).toEqual({ ...spawn, ...to });
      expect(back.ids?.accountId).toBe(client.ids?.accountId);
    },
  );

  test("goes back to its characters, and in again, with the same ids", async () => {
    const client = await ragnarok.enter(ragnarok.client(await ragnarok.cluster.account()));
    const { ids } = client;
    for (const _ of ["once", "and again"]) {
      expect(await client.restart()).toMatchObject({ code: 1 });
      await ragnarok.enterAgain(client);
    }
    expect(client.ids).toEqual(ids);
    expect(client.place).toEqual(spawn);
  });

  test("quits, and is gone", async () => {
    const client = await ragnarok.enter(ragnarok.client(await ragnarok.cluster.account()));
    expect(await client.quit()).toMatchObject({ code: 0 });
    await ragnarok.untilFree(client);
  });

  test("gets the time whenever it asks", async () => {
    const client = await ragnarok.enter(ragnarok.client(await ragnarok.cluster.account()));
    const first = await client.time();
    const second = await client.time();
    expect((second.tick - first.tick) | 0).toBeGreaterThanOrEqual(0);
  });

  test("gets a long walk in pieces, each from the end of the one before", async () => {
    const client = await ragnarok.enter(ragnarok.client(await ragnarok.cluster.account()));
    const to = { x: 19, y: spawn.y };
    await client.walk(to);
    await client.until("told of the whole way", () => client.place?.x === to.x);
    const [first, second, ...more] = client.journal.packets("ZC_NOTIFY_PLAYERMOVE");
    expect(first?.from).toEqual({ x: spawn.x, y: spawn.y });
    expect(second).toMatchObject({ from: first?.to, to });
    expect(more).toEqual([]);
  });

  test("that asks several times a second for a cell on its way arrives all the same", async () => {
    const account = await ragnarok.cluster.account();
    const client = await ragnarok.enter(ragnarok.client(account));
    const to = { x: 19, y: spawn.y };
    await ragnarok.walkTo(client, to);
    const asked = client.journal.packets("ZC_NOTIFY_PLAYERMOVE");
    expect(asked.length).toBeGreaterThan(3);
    await client.quit();
    const back = await ragnarok.enter(ragnarok.client(account));
    expect(back.place).toEqual({ ...spawn, ...to });
  });
});

describe("characters", () => {
  let ragnarok: RagnarokCluster;
  beforeAll(async () => {
    ragnarok = await RagnarokCluster.start({ starter: false });
  });
  afterEach(async () => expect(await ragnarok.leaveAll()).toEqual([]));
  afterAll(() => ragnarok.stop());

  test("are created, after a request without a name, and deleted", async () => {
    const client = ragnarok.client({ name: "maker", password: "secret" });
    await client.login("maker_F");
    expect(expectType(await client.enterChar(), "HC_ACCEPT_ENTER").characters).toEqual([]);
    const refusedBlank = await client.ask(clientPackets.blankCharacter(), {
      what: "blank",
      types: ["HC_ACCEPT_MAKECHAR", "HC_REFUSE_MAKECHAR"],
    });
    expect(refusedBlank).toEqual({ type: "HC_REFUSE_MAKECHAR", code: 0xff });
    const made = expectType(await client.create({ name: "Right", slot: 3 }), "HC_ACCEPT_MAKECHAR");
    expect(made.character).toMatchObject({ name: "Right", slot: 3, walkSpeed: 150 });
    expect(await client.create({ name: "Right", slot: 4 })).toEqual({ type: "HC_REFUSE_MAKECHAR", code: 0 });
    expect(await client.create({ name: "Wrong", slot: 3 })).toMatchObject({ type: "HC_REFUSE_MAKECHAR" });
    expect(await client.create({ name: "Wrong", slot: 200 })).toMatchObject({ type: "HC_REFUSE_MAKECHAR" });
    expect(await client.delete(made.character.charId + 1)).toMatchObject({ type: "HC_REFUSE_DELETECHAR" });
    expect(await client.delete(made.character.charId, "a@a.com")).toEqual({ type: "HC_ACCEPT_DELETECHAR" });
    await client.leave();
    await ragnarok.untilFree(client);
    await client.login();
    expect(expectType(await client.enterChar(), "HC_ACCEPT_ENTER").characters).toEqual([]);
  });

  test("are chosen by their slot, and an empty slot is refused", async () => {
    const client = ragnarok.client({ name: "chooser", password: "secret" });
    await client.login("chooser_F");
    await client.enterChar();
    await client.create({ name: "Fifth", slot: 5 });
    expect(await client.select(4)).toMatchObject({ type: "HC_REFUSE_ENTER" });
    expectType(await client.select(5), "HC_NOTIFY_ZONESVR");
    expectType(await client.enterMap(), "ZC_ACCEPT_ENTER2");
  });
});

describe("a refusal", () => {
  let ragnarok: RagnarokCluster;
  beforeAll(async () => {
    ragnarok = await RagnarokCluster.start();
  });
  afterEach(async () => expect(await ragnarok.leaveAll()).toEqual([]));
  afterAll(() => ragnarok.stop());

  test("is the same for a wrong password and for an unknown name", async () => {
    const { name } = await ragnarok.cluster.account();
    const wrong = await ragnarok.client({ name, password: "wrong guess" }).login();
    expect(wrong).toEqual({ type: "AC_REFUSE_LOGIN", code: 1, until: "" });
    expect(await ragnarok.client({ name: "nobody", password: "wrong guess" }).login()).toEqual(wrong);
  });

  test("does not come for a registration of an existing name, which is a login with its password", async () => {
    const { name, password } = await ragnarok.cluster.account();
    expectType(await ragnarok.client({ name, password }).login(`${name}_M`), "AC_ACCEPT_LOGIN");
    expect(await ragnarok.client({ name, password: "wrong guess" }).login(`${name}_M`)).toMatchObject({
      type: "AC_REFUSE_LOGIN",
      code: 1,
    });
  });

  test.each(["openkore", "robrowser"] as const)(
    "at the char door comes after the account id, with the habits of %s",
    async (manner) => {
      const client = ragnarok.client(await ragnarok.cluster.account(), { manner });
      await client.login();
      const { ids, worlds } = client;
      const [world] = worlds;
      if (ids === null || world === undefined) throw new Error("not logged in");
      await client.open("char", world);
      const lie = clientPackets.enterChar({ ...ids, loginId2: (ids.loginId2 ^ 1) >>> 0 });
      const answer = await client.ask(lie, { what: "lie", types: ["HC_ACCEPT_ENTER", "HC_REFUSE_ENTER"] });
      expect(answer).toEqual({ type: "HC_REFUSE_ENTER", code: 0 });
      expect(client.journal.entries.at(-2)).toMatchObject({ kind: "account-id", accountId: ids.accountId });
    },
  );

  test("at the map door comes for wrong ids, and does not disturb their owner", async () => {
    const client = await ragnarok.enter(ragnarok.client(await ragnarok.cluster.account()));
    const liar = ragnarok.client(await ragnarok.cluster.account());
    await liar.login();
    await liar.enterChar();
    const zone = expectType(await liar.select(0), "HC_NOTIFY_ZONESVR");
    const { ids, chosen } = client;
    if (ids === null || chosen === null) throw new Error("not in the world");
    await liar.open("map", zone);
    const lie = clientPackets.enterMap({ ...ids, loginId1: (ids.loginId1 ^ 1) >>> 0 }, chosen.charId, 1);
    const answer = await liar.ask(lie, { what: "lie", types: ["ZC_REFUSE_ENTER", "ZC_ACCEPT_ENTER2"] });
    expect(answer).toEqual({ type: "ZC_REFUSE_ENTER", code: 1 });
    expect(await client.say("still here")).toBeDefined();
  });

  test("is all that clients get from a stopping cluster", async () => {
    const stopping = await RagnarokCluster.start();
    const client = await stopping.enter(stopping.client(await stopping.cluster.account()));
    const sentAway = untilSentAway(client);
    await stopping.cluster.mapServer().stop();
    expect(await sentAway).toBe(1);
    expect(await stopping.leaveAll()).toEqual([]);
    await stopping.stop();
  });
});

describe("a character, with a client of December 2010,", () => {
  let ragnarok: RagnarokCluster;
  afterEach(async () => {
    expect(await ragnarok.leaveAll()).toEqual([]);
    await ragnarok.stop();
  });

  async function atSelect(deletionS: number) {
    ragnarok = await RagnarokCluster.start({ packetVer: 20101228, deletionS });
    const account = await ragnarok.cluster.account();
    const client = ragnarok.client(account);
    await client.login();
    const { characters } = expectType(await client.enterChar(), "HC_ACCEPT_ENTER");
    return { client, account, charId: characters[0]?.charId ?? 0 };
  }

  test("is reserved for deletion, kept, reserved again, and deleted with the birth date 000000", async () => {
    const { client, charId } = await atSelect(0);
    expect(await client.deleteReserved(charId, "000000")).toMatchObject({ charId, result: 4 });
    expect(await client.reserveDeletion(charId)).toMatchObject({ charId, result: 1 });
    expect(await client.cancelDeletion(charId)).toMatchObject({ charId, result: 1 });
    expect(await client.deleteReserved(charId, "000000")).toMatchObject({ charId, result: 4 });
    const { date } = await client.reserveDeletion(charId);
    expect(date).toBeGreaterThan(1_500_000_000);
    expect(date * 1_000).toBeLessThanOrEqual(Date.now());
    expect(await client.deleteReserved(charId, "19850101")).toMatchObject({ charId, result: 5 });
    expect(await client.reserveDeletion(charId + 1)).toMatchObject({ result: 3, date: 0 });
    expect(await client.deleteReserved(charId, "000000")).toMatchObject({ charId, result: 1 });
  });

  test("stays in a world that waits a day, and shows its time of deletion on a later visit", async () => {
    const { client, account, charId } = await atSelect(86_400);
    const { date } = await client.reserveDeletion(charId);
    expect(date * 1_000 - Date.now()).toBeGreaterThan(86_000_000);
    expect(await client.reserveDeletion(charId)).toMatchObject({ result: 1, date });
    expect(await client.deleteReserved(charId, "000000")).toMatchObject({ charId, result: 4 });
    expect(await client.delete(charId)).toMatchObject({ type: "HC_REFUSE_DELETECHAR" });
    await client.leave();
    await ragnarok.untilFree(client);
    const back = ragnarok.client(account);
    await back.login();
    const { characters } = expectType(await back.enterChar(), "HC_ACCEPT_ENTER");
    expect(characters).toMatchObject([{ charId, deleteDate: date }]);
  });
});
