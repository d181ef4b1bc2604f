import { systemClock } from "@sallyport/clock";
import { accountLockKey } from "@sallyport/lock-core";
import { CharConnection, defaultBounds } from "@sallyport/sdk";
import { must, until } from "@sallyport/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SecondWorld, startSecondWorld } from "../cluster/second-world.ts";
import { Tap } from "../cluster/tap.ts";
import { spawn, TestCluster } from "../cluster/test-cluster.ts";
import { Doors } from "./doors.ts";

/*
 * Tests the way of a client after its password was accepted: steps 3.b to 4 of the login-server in
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

describe("a login while a char-server holds the account", () => {
  test("is rejected, and says when to come again", async () => {
    const account = await cluster.account();
    const { char } = await doors.choosing(account);
    const answer = await doors.logIn(account);
    expect(answer).toEqual({ ok: false, refusal: "already-online", retryAfterMs: expect.any(Number) });
    await char.closed;
  });

  test("makes the client at character select leave with the reason logged-in-elsewhere", async () => {
    const account = await cluster.account();
    const older = await doors.choosing(account);
    await doors.logIn(account);
    expect(await older.char.closed).toMatchObject({ reason: "logged-in-elsewhere" });
    await cluster.untilFree(older.ticket);
  });

  test("makes the client on a map leave with that reason, saved where it was", async () => {
    const account = await cluster.account();
    const older = await doors.playing(account);
    let arrived = false;
    older.map.on((event) => {
      arrived ||= event.type === "actor.moved" && event.x === spawn.x + 2;
    });
    must(await older.map.ask({ type: "map.walk", x: spawn.x + 2, y: spawn.y }));
    await until(() => arrived, { what: "the character is there" });

    await doors.logIn(account);
    expect(await older.map.closed).toMatchObject({ reason: "logged-in-elsewhere" });
    await cluster.untilFree(older.ticket);
    const { accountId } = older.ticket;
    const [character] = await cluster.characters.list({ accountId, world: "Alpha" });
    expect(character?.position).toEqual({ ...spawn, x: spawn.x + 2 });
  });

  test("ends the wait for a client on its way to the map", async () => {
    const account = await cluster.account();
    const older = await doors.handedOver(account);
    await doors.logIn(account);
    await cluster.untilFree(older.ticket);
    const map = await doors.map(older.to);
    const { accountId, loginId1, sex } = older.ticket;
    const entered = await map.ask({ type: "map.enter", accountId, charId: older.charId, loginId1, sex });
    expect(entered).toEqual({ ok: false, refusal: "not-expected" });
    for (const connection of [older.char, map]) connection.close();
  });

  test("does not take the account, which becomes free only after the owner has saved", async () => {
    const account = await cluster.account();
    const older = await doors.playing(account);
    const { accountId } = older.ticket;
    const letGo = tap.keepBack("map-1");
    expect(await doors.logIn(account)).toMatchObject({ refusal: "already-online" });
    await until(async () => (await cluster.characterLock({ accountId }))?.state === "evicting", {
      what: "the map-server is asked",
    });
    expect(await doors.logIn(account)).toMatchObject({ refusal: "already-online" });
    expect(await cluster.accountLock({ accountId })).toMatchObject({
      state: "evicting",
      loginId1: older.ticket.loginId1,
      owner: { server: "alpha" },
    });
    letGo();
    await cluster.untilFree(older.ticket);
  });

  test("is admitted once the older client is gone, with ids of its own", async () => {
    const account = await cluster.account();
    const older = await doors.playing(account);
    await doors.logIn(account);
    await cluster.untilFree(older.ticket);
    const newer = await doors.playing(account);
    expect(newer.ticket.loginId1).not.toBe(older.ticket.loginId1);
    newer.map.close();
    await cluster.untilFree(newer.ticket);
  });
});

describe("a login while another world holds the account", () => {
  let beta: SecondWorld;
  beforeAll(async () => {
    beta = await startSecondWorld(cluster);
  });
  afterAll(() => beta.stop());

  test("is rejected, and only that world is asked", async () => {
    const account = await cluster.account();
    const ticket = await doors.ticket(account);
    const options = { connect: beta.connect, clock: systemClock, bounds: defaultBounds };
    const atBeta = must(await CharConnection.reach(beta.address, options));
    must(await atBeta.ask({ type: "char.enter", ...ticket }));
    expect(await cluster.accountLock(ticket)).toMatchObject({ state: "held", owner: { server: "beta" } });

    expect(await doors.logIn(account)).toMatchObject({ refusal: "already-online" });
    expect(await atBeta.closed).toMatchObject({ reason: "logged-in-elsewhere" });
    await cluster.untilFree(ticket);
    expect(await doors.logIn(account)).toMatchObject({ ok: true });
  });

  test("gets both worlds to choose from", async () => {
    const account = await cluster.account();
    const { worlds } = must(await doors.logIn(account));
    expect(worlds.map(({ name, host, port }) => ({ name, host, port }))).toEqual([
      { name: "Alpha", ...cluster.charAddress },
      { name: "Beta", ...beta.address },
    ]);
  });
});

describe("a login to a free account", () => {
  test("creates an account lock with new ids, a higher fence, a deadline and no owner", async () => {
    const account = await cluster.account();
    const first = await doors.ticket(account);
    const before = await cluster.accountLock(first);
    const second = await doors.ticket(account);
    const after = await cluster.accountLock(first);
    expect(second.accountId).toBe(first.accountId);
    expect([second.loginId1, second.loginId2]).not.toContain(first.loginId1);
    expect([second.loginId1, second.loginId2]).not.toContain(first.loginId2);
    expect(after).toEqual({
      state: "granted",
      loginId1: second.loginId1,
      loginId2: second.loginId2,
      sex: "female",
      trace: expect.stringMatching(/^[0-9a-f]{12}$/),
      fence: (before as unknown as { fence: number }).fence + 1,
    });
    const { lock: stored } = await cluster.stores.login.load(accountLockKey(first.accountId));
    expect(stored).toMatchObject({ deadlineMs: expect.any(Number) });
  });

  test("makes the ids of the previous login invalid", async () => {
    const account = await cluster.account();
    const first = await doors.ticket(account);
    const second = await doors.ticket(account);
    const shown = await doors.show(first);
    expect(shown.entered).toEqual({ ok: false, refusal: "not-logged-in" });
    const { char, entered } = await doors.show(second);
    expect(entered).toMatchObject({ ok: true });
    char.close();
  });

  test("is answered with account, ids, sex, and the worlds to choose from", async () => {
    const account = await cluster.account();
    const answer = must(await doors.logIn(account));
    expect(answer).toEqual({
      accountId: expect.any(Number),
      loginId1: expect.any(Number),
      loginId2: expect.any(Number),
      sex: "female",
      role: "player",
      lastLoginMs: expect.any(Number),
      worlds: [{ name: "Alpha", ...cluster.charAddress, players: expect.any(Number), wsUrl: null }],
    });
    expect(answer.loginId1).not.toBe(0);
    expect(answer.loginId1).not.toBe(answer.loginId2);
  });

  test("learns the time of the previous login", async () => {
    const [name, password] = ["first_timer", "correct horse"];
    const login = await doors.login();
    must(
      await login.ask({ type: "login.register", name, password, sex: "male", email: null, invitation: null }),
    );
    login.close();
    const before = Date.now();
    const [first, second] = [await doors.logIn({ name, password }), await doors.logIn({ name, password })];
    const after = Date.now();
    expect(must(first).lastLoginMs).toBeNull();
    expect(must(second).lastLoginMs).toBeGreaterThanOrEqual(before - 1_000);
    expect(must(second).lastLoginMs).toBeLessThanOrEqual(after + 1_000);
  });

  test("keeps its lock until the timer when the client disconnects", async () => {
    const account = await cluster.account();
    const login = await doors.login();
    const { accountId } = must(await login.ask({ type: "login.password", ...account }));
    const granted = await cluster.accountLock({ accountId });
    login.destroy();
    await until(() => cluster.login.clientCount === 0, { what: "the client is gone" });
    expect(await cluster.accountLock({ accountId })).toEqual(granted);
    expect(granted).toMatchObject({ state: "granted" });
  });
});

test("a login without an available world is told so and when to come again, and leaves no lock", async () => {
  const empty = await TestCluster.start({ mapServers: [], database: cluster.testDatabase });
  const login = await new Doors(empty).login();
  const register = async (name: string) => {
    const account = { name, password: "correct horse" };
    const { accountId } = must(
      await login.ask({ type: "login.register", ...account, sex: "male", email: null, invitation: null }),
    );
    return { ...account, accountId };
  };
  const [early, late] = [await register("worldless_1"), await register("worldless_2")];
  empty.kill("char");
  await until(async () => !(await login.ask({ type: "login.password", ...early })).ok, {
    what: "the login-server has no world",
  });
  const answer = await login.ask({ type: "login.password", ...late });
  expect(answer).toEqual({ ok: false, refusal: "no-world", retryAfterMs: expect.any(Number) });
  expect(await empty.accountLock(late)).toBeNull();
  login.close();
  await empty.stop();
});
