import type { AccountId, CharId, LoginId, Sex } from "@sallyport/domain";
import { characterLockKey } from "@sallyport/lock-core";
import { must, until } from "@sallyport/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { spawn, TestCluster } from "../cluster/test-cluster.ts";
import { Doors, type HandedOver } from "./doors.ts";

/* Tests which clients enter the map-server, and what happens to the locks of clients that leave. */

let cluster: TestCluster;
let doors: Doors;
beforeAll(async () => {
  cluster = await TestCluster.start();
  doors = new Doors(cluster);
});
afterAll(() => cluster.stop());

interface Shown {
  readonly accountId: AccountId;
  readonly charId: CharId;
  readonly loginId1: LoginId;
  readonly sex: Sex;
}
const notExpected = { ok: false, refusal: "not-expected" };

const rightIds = ({ ticket: { accountId, loginId1, sex }, charId }: HandedOver): Shown => ({
  accountId,
  charId,
  loginId1,
  sex,
});

async function show(shown: Shown) {
  const map = await doors.map({ host: "memory", port: 3 });
  return { map, entered: await map.ask({ type: "map.enter", ...shown }) };
}

describe("a client that shows the ids that it was given", () => {
  test("plays: its map-server owns the lock, without a timer", async () => {
    const account = await cluster.account();
    const handedOver = await doors.handedOver(account);
    const { map, entered } = await show(rightIds(handedOver));
    expect(must(entered)).toMatchObject({ charId: handedOver.charId, name: account.name, position: spawn });
    const lock = await cluster.characterLock(handedOver.ticket);
    expect(lock).toMatchObject({ state: "playing", owner: { server: "map-1" } });
    const { lock: stored } = await cluster.stores.world.load(characterLockKey(handedOver.ticket.accountId));
    expect(stored).toMatchObject({ deadlineMs: null });
    expect(await map.ask({ type: "map.walk", x: spawn.x + 1, y: spawn.y })).toMatchObject({ ok: true });
    for (const connection of [map, handedOver.char]) connection.close();
    await cluster.untilFree(handedOver.ticket);
  });

  test("enters once: the same ids are then rejected, and the player is not disturbed", async () => {
    const account = await cluster.account();
    const playing = await doors.playing(account);
    const again = await show(rightIds(playing));
    expect(again.entered).toEqual(notExpected);
    expect(await playing.map.ask({ type: "map.say", text: "still here" })).toMatchObject({ ok: true });
    for (const connection of [again.map, playing.map]) connection.close();
    await cluster.untilFree(playing.ticket);
  });

  test("is admitted once if it comes twice at the same time", async () => {
    const account = await cluster.account();
    const handedOver = await doors.handedOver(account);
    const both = await Promise.all([show(rightIds(handedOver)), show(rightIds(handedOver))]);
    expect(both.filter(({ entered }) => entered.ok)).toHaveLength(1);
    for (const { map } of both) map.close();
    await cluster.untilFree(handedOver.ticket);
  });
});

describe("a client that shows other ids", () => {
  test.each([
    ["account_id", { accountId: 1 }],
    ["char_id", { charId: 1 }],
    ["login_id1", { loginId1: 1 }],
    ["sex", "other"],
  ])("is rejected for a wrong %s, and the right one is still expected", async (_what, wrong) => {
    const account = await cluster.account();
    const handedOver = await doors.handedOver(account);
    const otherSex = { sex: handedOver.ticket.sex === "female" ? "male" : "female" };
    const changed = wrong === "other" ? otherSex : (wrong as object);
    const shown = await show({ ...rightIds(handedOver), ...changed });
    expect(shown.entered).toEqual(notExpected);
    expect(await cluster.characterLock(handedOver.ticket)).toMatchObject({ state: "entering" });
    const right = await show(rightIds(handedOver));
    expect(right.entered).toMatchObject({ ok: true });
    for (const connection of [shown.map, right.map, handedOver.char]) connection.close();
    await cluster.untilFree(handedOver.ticket);
  });

  test("is rejected for another account's character, even if both are expected", async () => {
    const one = await doors.handedOver(await cluster.account());
    const other = await doors.handedOver(await cluster.account());
    const shown = await show({ ...rightIds(one), charId: other.charId });
    expect(shown.entered).toEqual(notExpected);
    for (const connection of [shown.map, one.char, other.char]) connection.close();
  });

  test("cannot guess: it has one try for each connection", async () => {
    const account = await cluster.account();
    const handedOver = await doors.handedOver(account);
    const { map } = await show({ ...rightIds(handedOver), loginId1: 1 as LoginId });
    const again = await map.ask({ type: "map.enter", ...rightIds(handedOver) });
    expect(again).toEqual({ ok: false, refusal: "out-of-order" });
    for (const connection of [map, handedOver.char]) connection.close();
  });

  test("can do nothing on a map before it is admitted", async () => {
    const map = await doors.map({ host: "memory", port: 3 });
    const outOfOrder = { ok: false, refusal: "out-of-order" };
    expect(await map.ask({ type: "map.walk", x: 1, y: 1 })).toEqual(outOfOrder);
    expect(await map.ask({ type: "map.say", text: "hello" })).toEqual(outOfOrder);
    expect(await map.ask({ type: "map.leave", to: "offline" })).toEqual(outOfOrder);
    map.close();
  });
});

describe("a client that leaves its map", () => {
  test("releases both locks, and its ids become invalid", async () => {
    const account = await cluster.account();
    const { ticket, map } = await doors.playing(account);
    must(await map.ask({ type: "map.leave", to: "offline" }));
    await cluster.untilFree(ticket);
    expect((await doors.show(ticket)).entered).toEqual({ ok: false, refusal: "not-logged-in" });
    map.close();
  });

  test("without a word is treated like one that says so", async () => {
    const account = await cluster.account();
    const others = cluster.mapServer().playerCount;
    const { ticket, map } = await doors.playing(account);
    map.destroy();
    await cluster.untilFree(ticket);
    await until(() => cluster.mapServer().playerCount <= others, { what: "it is on no map" });
  });

  test("for character select keeps its account, and chooses again with the ids that it has", async () => {
    const account = await cluster.account();
    const { ticket, map, charId } = await doors.playing(account);
    const held = await cluster.accountLock(ticket);
    must(await map.ask({ type: "map.leave", to: "char-select" }));
    map.close();
    expect(await cluster.characterLock(ticket)).toMatchObject({
      state: "returning",
      loginId1: ticket.loginId1,
      owner: { server: "alpha" },
    });
    expect(await cluster.accountLock(ticket)).toEqual(held);

    const back = await doors.backAt(ticket);
    expect(await cluster.accountLock(ticket)).toEqual(held);
    expect(await cluster.characterLock(ticket)).toMatchObject({ state: "choosing" });
    const to = must(await back.char.ask({ type: "char.choose", charId }));
    const again = await doors.enterMap({ ...back, to });
    for (const connection of [back.char, again.map]) connection.close();
    await cluster.untilFree(ticket);
  });

  test("for character select is expected there only with its own ids", async () => {
    const account = await cluster.account();
    const { ticket, map } = await doors.playing(account);
    must(await map.ask({ type: "map.leave", to: "char-select" }));
    map.close();
    const wrong = await doors.show({ ...ticket, loginId2: 1 as LoginId });
    expect(wrong.entered).toEqual({ ok: false, refusal: "not-logged-in" });
    const back = await doors.backAt(ticket);
    back.char.close();
    await cluster.untilFree(ticket);
  });

  test("for character select still makes way for a newer login", async () => {
    const account = await cluster.account();
    const { ticket, map } = await doors.playing(account);
    must(await map.ask({ type: "map.leave", to: "char-select" }));
    map.close();
    expect(await doors.logIn(account)).toMatchObject({ refusal: "already-online" });
    await cluster.untilFree(ticket);
    expect(await doors.logIn(account)).toMatchObject({ ok: true });
  });
});
