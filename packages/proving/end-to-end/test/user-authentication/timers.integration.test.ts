import { must, until } from "@sallyport/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestCluster } from "../cluster/test-cluster.ts";
import { Doors } from "./doors.ts";

/*
 * Tests the timers of a client on its way. The tests push the clock of the lock store, which decides about
 * deadlines.
 */

/** The timers of server locks and of character select are too long to matter. */
const timing = {
  loginToCharMs: 20_000,
  charToMapMs: 40_000,
  mapToCharMs: 60_000,
  chooseMs: 3_600_000,
  evictMs: 10_000,
  leaseMs: 3_600_000,
};

let cluster: TestCluster;
let doors: Doors;
beforeAll(async () => {
  cluster = await TestCluster.start({ timing });
  doors = new Doors(cluster);
});
afterAll(() => cluster.stop());

const notLoggedIn = { ok: false, refusal: "not-logged-in" };
const notExpected = { ok: false, refusal: "not-expected" };

/** Lets this much time pass, and waits until a sweep has ended an unused login. */
async function passes(ms: number): Promise<void> {
  const witness = await doors.ticket(await cluster.account());
  cluster.push(Math.max(ms, timing.loginToCharMs));
  await cluster.untilFree(witness);
}

describe("on the way from the login-server to the char-server,", () => {
  test("a client has its whole time, and until then its ids are valid", async () => {
    const ticket = await doors.ticket(await cluster.account());
    cluster.push(timing.loginToCharMs - 5_000);
    const { char, entered } = await doors.show(ticket);
    expect(entered).toMatchObject({ ok: true });
    char.close();
  });

  test("a client that does not come loses its account lock, and its ids are refused", async () => {
    const account = await cluster.account();
    const ticket = await doors.ticket(account);
    cluster.push(timing.loginToCharMs);
    expect((await doors.show(ticket)).entered).toEqual(notLoggedIn);
    await cluster.untilFree(ticket);
    expect((await doors.show(ticket)).entered).toEqual(notLoggedIn);
    expect(await doors.logIn(account)).toMatchObject({ ok: true });
  });

  test("the timer is cancelled when the char-server has the account", async () => {
    const { ticket, char } = await doors.choosing(await cluster.account());
    await passes(timing.loginToCharMs * 3);
    expect(await cluster.accountLock(ticket)).toMatchObject({ state: "held" });
    expect(char.isOpen).toBe(true);
    char.close();
  });

  test("each login has the whole time, however long ago the previous login was", async () => {
    const account = await cluster.account();
    await doors.ticket(account);
    cluster.push(timing.loginToCharMs - 5_000);
    const ticket = await doors.ticket(account);
    cluster.push(timing.loginToCharMs - 5_000);
    const { char, entered } = await doors.show(ticket);
    expect(entered).toMatchObject({ ok: true });
    char.close();
  });
});

describe("on the way from the char-server to the map-server,", () => {
  const enter = async ({ ticket, to, charId }: Awaited<ReturnType<Doors["handedOver"]>>) => {
    const map = await doors.map(to);
    const { accountId, loginId1, sex } = ticket;
    return { map, entered: await map.ask({ type: "map.enter", accountId, charId, loginId1, sex }) };
  };

  test("a client has its whole time, and until then it is expected", async () => {
    const handedOver = await doors.handedOver(await cluster.account());
    handedOver.char.close();
    await passes(timing.charToMapMs - 5_000);
    const { map, entered } = await enter(handedOver);
    expect(entered).toMatchObject({ ok: true });
    map.close();
    await cluster.untilFree(handedOver.ticket);
  });

  test("a client that does not come loses both locks, and is no longer expected", async () => {
    const handedOver = await doors.handedOver(await cluster.account());
    handedOver.char.close();
    cluster.push(timing.charToMapMs);
    const late = await enter(handedOver);
    expect(late.entered).toEqual(notExpected);
    late.map.close();
    await cluster.untilFree(handedOver.ticket);
    expect((await doors.show(handedOver.ticket)).entered).toEqual(notLoggedIn);
  });

  test("a map-server is told that the client does not come", async () => {
    const isEmpty = (): boolean => cluster.mapServer().playerCount === 0;
    await until(isEmpty, { what: "nobody is left of the test before" });
    const handedOver = await doors.handedOver(await cluster.account());
    handedOver.char.close();
    expect(cluster.mapServer().playerCount).toBe(1);
    cluster.push(timing.charToMapMs);
    await until(isEmpty, { what: "the map-server forgets it" });
    await cluster.untilFree(handedOver.ticket);
  });

  test("the timer is cancelled when the client plays", async () => {
    const { ticket, map } = await doors.playing(await cluster.account());
    await passes(timing.charToMapMs * 3);
    expect(await cluster.characterLock(ticket)).toMatchObject({ state: "playing" });
    expect(await cluster.accountLock(ticket)).toMatchObject({ state: "held" });
    expect(await map.ask({ type: "map.say", text: "still here" })).toMatchObject({ ok: true });
    map.close();
    await cluster.untilFree(ticket);
  });
});

describe("on the way from the map-server back to the char-server,", () => {
  const goBack = async () => {
    const { ticket, map } = await doors.playing(await cluster.account());
    must(await map.ask({ type: "map.leave", to: "char-select" }));
    map.close();
    return ticket;
  };

  test("a client has its whole time", async () => {
    const ticket = await goBack();
    await passes(timing.mapToCharMs - 5_000);
    const { char } = await doors.backAt(ticket);
    char.close();
    await cluster.untilFree(ticket);
  });

  test("a client that does not come loses both locks, and its ids are refused", async () => {
    const ticket = await goBack();
    cluster.push(timing.mapToCharMs);
    expect((await doors.show(ticket)).entered).toEqual(notLoggedIn);
    await cluster.untilFree(ticket);
  });
});

describe("a map-server that does not release its client", () => {
  test("loses it when its time is over, and the next login is admitted", async () => {
    const account = await cluster.account();
    const stuck = await doors.playing(account);
    cluster.kill({ map: "map-1" });
    expect(await doors.logIn(account)).toMatchObject({ refusal: "already-online" });
    cluster.push(timing.evictMs);
    await cluster.untilFree(stuck.ticket);
    expect(await doors.logIn(account)).toMatchObject({ ok: true });
  });
});
