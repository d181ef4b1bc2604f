import type { CharId } from "@sallyport/domain";
import { must, until } from "@sallyport/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Tap } from "../cluster/tap.ts";
import { type TestAccount, TestCluster } from "../cluster/test-cluster.ts";
import { type Choosing, Doors } from "./doors.ts";

/*
 * Tests the way from the choice to the map-server: steps 5.b.c.4 to 6 of the char-server in
 * `docs/user-authentication.md`.
 */

let cluster: TestCluster;
let doors: Doors;
const tap = new Tap();
beforeAll(async () => {
  cluster = await TestCluster.start({ pair: tap.pair });
  doors = new Doors(cluster);
});
afterAll(() => cluster.stop());

const mapOwner = { server: "map-1", incarnation: expect.any(String) };

/** Starts a choice that gets no answer, because the test holds back the messages of the map-server. */
async function handingOver(account: TestAccount) {
  const choosing = await doors.choosing(account);
  const letGo = tap.keepBack("map-1");
  const chosen = choosing.char.ask({ type: "char.choose", charId: choosing.charId });
  await until(async () => (await cluster.characterLock(choosing.ticket))?.state === "handing-over", {
    what: "the character is handed over",
  });
  return { ...choosing, chosen, letGo };
}

async function isNotExpected({ ticket, charId }: Choosing): Promise<void> {
  const { accountId, loginId1, sex } = ticket;
  const map = await doors.map({ host: "memory", port: 3 });
  const entered = await map.ask({ type: "map.enter", accountId, charId, loginId1, sex });
  expect(entered).toEqual({ ok: false, refusal: "not-expected" });
  map.close();
}

describe("a choice", () => {
  test("is answered with the character, its map, and where its map-server is", async () => {
    const account = await cluster.account();
    const { char, to, charId } = await doors.handedOver(account);
    expect(to).toEqual({ charId, map: "harbour", host: "memory", port: 3, wsUrl: null });
    char.close();
  });

  test("puts the character into the lock, and gives the lock to the map-server", async () => {
    const account = await cluster.account();
    const { char, ticket, charId } = await doors.handedOver(account);
    expect(await cluster.characterLock(ticket)).toEqual({
      state: "entering",
      loginId1: ticket.loginId1,
      loginId2: ticket.loginId2,
      sex: "female",
      trace: expect.stringMatching(/^[0-9a-f]{12}$/),
      accountFence: expect.any(Number),
      owner: mapOwner,
      charId,
      charFence: expect.any(Number),
    });
    char.close();
  });

  test("is answered only after the map-server has said that it expects the client", async () => {
    const account = await cluster.account();
    const { char, ticket, charId, chosen, letGo } = await handingOver(account);
    let isTold = false;
    void chosen.then(() => {
      isTold = true;
    });
    expect(await cluster.characterLock(ticket)).toMatchObject({
      state: "handing-over",
      owner: { server: "alpha" },
      target: mapOwner,
      charId,
    });
    // After two whole round trips at the same door, the choice still has no answer.
    for (const _ of [1, 2]) (await doors.show({ ...ticket, loginId1: 1 as never })).char.close();
    expect(isTold).toBe(false);
    letGo();
    expect(await chosen).toMatchObject({ ok: true });
    expect(await cluster.characterLock(ticket)).toMatchObject({ state: "entering", owner: mapOwner });
    char.close();
  });

  test("of a missing character is refused, and another choice may follow", async () => {
    const account = await cluster.account();
    const { char, ticket, charId } = await doors.choosing(account);
    const other = await doors.choosing(await cluster.account());
    for (const wrong of [0 as CharId, other.charId]) {
      const answer = await char.ask({ type: "char.choose", charId: wrong });
      expect(answer).toEqual({ ok: false, refusal: "no-such-character" });
    }
    expect(await cluster.characterLock(ticket)).toMatchObject({ state: "choosing" });
    expect(await char.ask({ type: "char.choose", charId })).toMatchObject({ ok: true });
    for (const { char: open } of [other, { char }]) open.close();
  });

  test("of a character that was just created works like any other", async () => {
    const account = await cluster.account();
    const { char } = await doors.choosing(account);
    const { charId } = must(await char.ask({ type: "char.create", slot: 1, name: `${account.name}_b` }));
    expect(await char.ask({ type: "char.choose", charId })).toMatchObject({ ok: true, value: { charId } });
    char.close();
  });

  test("of a character that was just deleted is refused", async () => {
    const account = await cluster.account();
    const { char, charId } = await doors.choosing(account);
    must(await char.ask({ type: "char.delete", charId }));
    const answer = await char.ask({ type: "char.choose", charId });
    expect(answer).toEqual({ ok: false, refusal: "no-such-character" });
    char.close();
  });
});

describe("a second choice", () => {
  test("while the first is handed over gets the client kicked, and releases both locks", async () => {
    const account = await cluster.account();
    const others = cluster.mapServer().playerCount;
    const first = await handingOver(account);
    void first.char.ask({ type: "char.choose", charId: first.charId });
    expect(await first.char.closed).toMatchObject({ reason: "second-choice" });
    await cluster.untilFree(first.ticket);
    first.letGo();
    await until(() => cluster.mapServer().playerCount <= others, { what: "the map-server forgets it" });
    await isNotExpected(first);
    await cluster.untilFree(first.ticket);
  });

  test("of another character has the same result", async () => {
    const account = await cluster.account();
    const choosing = await doors.choosing(account);
    const { char } = choosing;
    const other = must(await char.ask({ type: "char.create", slot: 1, name: `${account.name}_b` }));
    const answers = [choosing.charId, other.charId].map((charId) =>
      char.ask({ type: "char.choose", charId }),
    );
    expect(await char.closed).toMatchObject({ reason: "second-choice" });
    for (const answer of answers) expect(await answer).toMatchObject({ ok: false });
    await cluster.untilFree(choosing.ticket);
    await isNotExpected(choosing);
    await isNotExpected({ ...choosing, charId: other.charId });
  });

  test("after the map-server has the character gets the client kicked, and releases both locks", async () => {
    const account = await cluster.account();
    const first = await doors.handedOver(account);
    void first.char.ask({ type: "char.choose", charId: first.charId });
    expect(await first.char.closed).toMatchObject({ reason: "second-choice" });
    await cluster.untilFree(first.ticket);
    await isNotExpected(first);
  });

  test("while the client already plays gets it kicked from its map", async () => {
    const account = await cluster.account();
    const handedOver = await doors.handedOver(account);
    const playing = await doors.enterMap(handedOver);
    void handedOver.char.ask({ type: "char.choose", charId: handedOver.charId });
    expect(await handedOver.char.closed).toMatchObject({ reason: "second-choice" });
    expect(await playing.map.closed).toMatchObject({ reason: "second-choice" });
    await cluster.untilFree(handedOver.ticket);
  });

  test("that arrives together with the ids and the first choice is noticed as well", async () => {
    const account = await cluster.account();
    const { char: before, charId, ticket: old } = await doors.choosing(account);
    before.close();
    await cluster.untilFree(old);
    const ticket = await doors.ticket(account);
    const char = await doors.char();
    void char.ask({ type: "char.enter", ...ticket });
    void char.ask({ type: "char.choose", charId });
    void char.ask({ type: "char.choose", charId });
    expect(await char.closed).toMatchObject({ reason: "second-choice" });
    await cluster.untilFree(ticket);
  });

  test("ends the login: the ids are invalid afterwards", async () => {
    const account = await cluster.account();
    const first = await doors.handedOver(account);
    void first.char.ask({ type: "char.choose", charId: first.charId });
    await first.char.closed;
    await cluster.untilFree(first.ticket);
    expect((await doors.show(first.ticket)).entered).toEqual({ ok: false, refusal: "not-logged-in" });
    expect(await doors.logIn(account)).toMatchObject({ ok: true });
  });
});

describe("a client that disconnects", () => {
  test("after it was told where to go keeps both locks, and is expected", async () => {
    const account = await cluster.account();
    const handedOver = await doors.handedOver(account);
    handedOver.char.destroy();
    await until(() => cluster.char.clientCount === 0, { what: "the client is gone" });
    const playing = await doors.enterMap(handedOver);
    expect(playing.entered).toMatchObject({ charId: handedOver.charId });
    playing.map.close();
    await cluster.untilFree(playing.ticket);
  });

  test("while its character is handed over releases both locks, and is not expected", async () => {
    const account = await cluster.account();
    const first = await handingOver(account);
    first.char.destroy();
    await until(() => cluster.char.clientCount === 0, { what: "the client is gone" });
    first.letGo();
    await cluster.untilFree(first.ticket);
    await isNotExpected(first);
  });
});
