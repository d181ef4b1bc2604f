import { systemClock } from "@sallyport/clock";
import { CharConnection, defaultBounds } from "@sallyport/sdk";
import { must, until } from "@sallyport/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SecondWorld, startSecondWorld } from "../cluster/second-world.ts";
import { Tap } from "../cluster/tap.ts";
import { spawn, TestCluster } from "../cluster/test-cluster.ts";
import { Doors } from "./doors.ts";

/*
 * Tests which clients reach character select: steps 1 to 5.b.c.2 of the char-server in
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

const notLoggedIn = { ok: false, refusal: "not-logged-in" };
const alreadyOnline = { ok: false, refusal: "already-online", retryAfterMs: expect.any(Number) };

describe("a pair of login ids at the char door", () => {
  test("is taken to the login-server, which gives the account to this char-server", async () => {
    const account = await cluster.account();
    const ticket = await doors.ticket(account);
    const { char, entered } = await doors.show(ticket);
    expect(entered).toMatchObject({ ok: true });
    expect(await cluster.accountLock(ticket)).toEqual({
      state: "held",
      loginId1: ticket.loginId1,
      loginId2: ticket.loginId2,
      sex: "female",
      trace: expect.stringMatching(/^[0-9a-f]{12}$/),
      fence: expect.any(Number),
      owner: { server: "alpha", incarnation: expect.stringMatching(/^[0-9a-f]{16}$/) },
    });
    char.close();
  });

  test.each([
    ["login_id1", { loginId1: 1 }],
    ["login_id2", { loginId2: 1 }],
    ["sex", { sex: "male" }],
  ])("is rejected if its %s is wrong, and the right one stays valid", async (_what, wrong) => {
    const account = await cluster.account();
    const ticket = await doors.ticket(account);
    const shown = await doors.show({ ...ticket, ...(wrong as object) });
    expect(shown.entered).toEqual(notLoggedIn);
    expect(await cluster.accountLock(ticket)).toMatchObject({ state: "granted" });
    expect(await cluster.characterLock(ticket)).toBeNull();
    const { char, entered } = await doors.show(ticket);
    expect(entered).toMatchObject({ ok: true });
    char.close();
  });

  test("is rejected if it belongs to another account", async () => {
    const [one, other] = [await cluster.account(), await cluster.account()];
    const ticket = await doors.ticket(one);
    const { accountId } = await doors.ticket(other);
    expect((await doors.show({ ...ticket, accountId })).entered).toEqual(notLoggedIn);
  });

  test("is rejected if no client logged in", async () => {
    const account = await cluster.account();
    const { char, ticket } = await doors.choosing(account);
    char.close();
    await cluster.untilFree(ticket);
    expect((await doors.show(ticket)).entered).toEqual(notLoggedIn);
  });

  test("may be sent again on the same connection after a rejection", async () => {
    const account = await cluster.account();
    const ticket = await doors.ticket(account);
    const char = await doors.char();
    expect(await char.ask({ type: "char.enter", ...ticket, loginId1: 1 as never })).toEqual(notLoggedIn);
    expect(await char.ask({ type: "char.enter", ...ticket })).toMatchObject({ ok: true });
    char.close();
  });

  test("comes first: a choice before it is rejected", async () => {
    const char = await doors.char();
    const answer = await char.ask({ type: "char.choose", charId: 1 as never });
    expect(answer).toEqual({ ok: false, refusal: "out-of-order" });
    char.close();
  });
});

describe("an account that another char-server holds", () => {
  let beta: SecondWorld;
  beforeAll(async () => {
    beta = await startSecondWorld(cluster);
  });
  afterAll(() => beta.stop());

  const showAtBeta = async (ticket: Awaited<ReturnType<Doors["ticket"]>>) => {
    const options = { connect: beta.connect, clock: systemClock, bounds: defaultBounds };
    const char = must(await CharConnection.reach(beta.address, options));
    return { char, entered: await char.ask({ type: "char.enter", ...ticket }) };
  };

  test("is not given to this one, whatever the client shows, and does not change", async () => {
    const account = await cluster.account();
    const there = await doors.choosing(account);
    const here = await showAtBeta(there.ticket);
    expect(here.entered).toEqual(notLoggedIn);
    expect(await cluster.accountLock(there.ticket)).toMatchObject({
      state: "held",
      owner: { server: "alpha" },
    });
    expect(there.char.isOpen).toBe(true);
    for (const connection of [here.char, there.char]) connection.close();
  });

  test("is given only to the first of two that ask", async () => {
    const account = await cluster.account();
    const ticket = await doors.ticket(account);
    const both = await Promise.all([doors.show(ticket), showAtBeta(ticket)]);
    expect(both.filter(({ entered }) => entered.ok)).toHaveLength(1);
    for (const { char } of both) char.close();
    await cluster.untilFree(ticket);
  });
});

describe("an account that this char-server holds already", () => {
  test("is refused while its character is on a map, and the map-server is asked to kick", async () => {
    const account = await cluster.account();
    const playing = await doors.playing(account);
    expect((await doors.show(playing.ticket)).entered).toEqual(alreadyOnline);
    expect(await playing.map.closed).toMatchObject({ reason: "logged-in-elsewhere" });
    await cluster.untilFree(playing.ticket);
  });

  test("is refused while its character is expected on a map, and the map-server forgets it", async () => {
    const account = await cluster.account();
    const others = cluster.mapServer().playerCount;
    const handedOver = await doors.handedOver(account);
    handedOver.char.close();
    expect((await doors.show(handedOver.ticket)).entered).toEqual(alreadyOnline);
    await cluster.untilFree(handedOver.ticket);
    await until(() => cluster.mapServer().playerCount <= others, { what: "the map-server forgets it" });
  });

  test("is refused while a client is choosing, and that client is not disturbed", async () => {
    const account = await cluster.account();
    const choosing = await doors.choosing(account);
    expect((await doors.show(choosing.ticket)).entered).toEqual(alreadyOnline);
    expect(await cluster.characterLock(choosing.ticket)).toMatchObject({ state: "choosing" });
    expect(await choosing.char.ask({ type: "char.choose", charId: choosing.charId })).toMatchObject({
      ok: true,
    });
    choosing.char.close();
  });

  test("is refused while a character is handed over, and the hand-over goes on", async () => {
    const account = await cluster.account();
    const choosing = await doors.choosing(account);
    const { accountId } = choosing.ticket;
    const letGo = tap.keepBack("map-1");
    const chosen = choosing.char.ask({ type: "char.choose", charId: choosing.charId });
    await until(async () => (await cluster.characterLock({ accountId }))?.state === "handing-over", {
      what: "the character is handed over",
    });
    expect((await doors.show(choosing.ticket)).entered).toEqual(alreadyOnline);
    letGo();
    expect(await chosen).toMatchObject({ ok: true });
    choosing.char.close();
  });

  test("knows only its own ids", async () => {
    const account = await cluster.account();
    const { ticket, char } = await doors.choosing(account);
    expect((await doors.show({ ...ticket, loginId2: 1 as never })).entered).toEqual(notLoggedIn);
    expect(char.isOpen).toBe(true);
    char.close();
  });
});

describe("a client at character select", () => {
  test("has a character lock of this char-server, without a character yet", async () => {
    const account = await cluster.account();
    const { ticket, char } = await doors.choosing(account);
    const held = (await cluster.accountLock(ticket)) as unknown as {
      fence: number;
      owner: { server: string };
    };
    expect(await cluster.characterLock(ticket)).toEqual({
      state: "choosing",
      loginId1: ticket.loginId1,
      loginId2: ticket.loginId2,
      sex: "female",
      trace: expect.stringMatching(/^[0-9a-f]{12}$/),
      accountFence: held.fence,
      // Here the incarnation is the process of the char-server. In the account lock, it is the link of the
      // char-server.
      owner: { server: held.owner.server, incarnation: expect.any(String) },
    });
    char.close();
  });

  test("is sent the characters of its account in this world, by slot, and how many it may have", async () => {
    const account = await cluster.account();
    const { ticket, char, characters } = await doors.choosing(account);
    const other = await doors.choosing(await cluster.account());
    expect(other.characters).toHaveLength(1);
    other.char.close();
    const [first] = characters;
    const second = must(await char.ask({ type: "char.create", slot: 3, name: `${account.name}_b` }));
    await cluster.database.query(
      {
        name: "character-elsewhere",
        text: `INSERT INTO characters (account_id, world, slot, name, map, x, y)
          VALUES ($1, 'Beta', 1, 'elsewhere', 'harbour', 1, 1)`,
      },
      [ticket.accountId],
    );
    char.close();
    await cluster.untilFree(ticket);

    const again = await doors.show(await doors.ticket(account));
    expect(must(again.entered)).toEqual({
      characters: [
        { charId: first?.charId, slot: 0, name: account.name, position: spawn },
        { charId: second.charId, slot: 3, name: `${account.name}_b`, position: spawn },
      ],
      slotCount: 9,
    });
    again.char.close();
  });

  test("that disconnects releases both locks", async () => {
    const account = await cluster.account();
    const { ticket, char } = await doors.choosing(account);
    char.destroy();
    await cluster.untilFree(ticket);
    expect(await doors.logIn(account)).toMatchObject({ ok: true });
  });
});
