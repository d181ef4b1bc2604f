import { accepted, Fence, kickFor, type LoginTicket, refused } from "@sallyport/domain";
import { settled } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { AccountOwnersScene } from "./account-owners-scene.ts";
import { ticketOf } from "./hand-made-login.ts";

let scene: AccountOwnersScene;
beforeEach(async () => {
  scene = await AccountOwnersScene.start();
});

const ticket = ticketOf(7);
const newer = ticketOf(7, 2);
const other = ticketOf(8);
const { accountId, loginId1 } = ticket;

const mayHold = (of: LoginTicket): boolean => scene.accounts.mayHold(of.accountId, of.loginId1);
const holders = (): readonly number[] => scene.accounts.logins.map((login) => login.loginId1);

describe("an account that is being released", () => {
  test("is no longer held, in every answer", async () => {
    const answer = scene.holdReleases();
    const guest = await scene.chooses(ticket);
    expect(mayHold(ticket)).toBe(true);
    await scene.hangUp(guest);
    expect(mayHold(ticket)).toBe(false);
    await answer();
    expect([mayHold(ticket), holders()]).toEqual([false, []]);
  });

  test("is not requested with the same login ids before the release is done", async () => {
    const answer = scene.holdReleases();
    await scene.hangUp(await scene.chooses(ticket));
    const again = scene.come(ticket);
    await scene.clock.advance(0);
    expect(scene.login.all("account.hold")).toHaveLength(1);
    scene.login.hold = () => refused("not-logged-in");
    await answer();
    expect(await again.entered).toEqual(refused("not-logged-in"));
    expect(scene.login.asked.map(({ type }) => type)).toEqual([
      "account.hold",
      "account.release",
      "account.hold",
    ]);
  });

  test("stays with a newer login that came meanwhile", async () => {
    const answer = scene.holdReleases();
    await scene.hangUp(await scene.chooses(ticket));
    await scene.chooses(newer);
    await answer();
    expect([holders(), mayHold(newer)]).toEqual([[newer.loginId1], true]);
  });

  test("is released later if the login-server's store does not answer", async () => {
    scene.login.release = () => refused("unavailable");
    await scene.hangUp(await scene.chooses(ticket));
    expect(await scene.settles()).toEqual([]);
    await scene.clock.advance(10_000);
    expect(mayHold(ticket)).toBe(true);
    scene.login.release = () => accepted({});
    expect(await scene.settles()).toEqual([loginId1]);
    expect([await scene.settles(), holders()]).toEqual([[], []]);
  });

  test("is released later if there is no link", async () => {
    const guest = await scene.chooses(ticket);
    scene.login.isUnreachable = true;
    scene.login.cut();
    await settled();
    await scene.hangUp(guest);
    expect([await scene.settles(), holders()]).toEqual([[], [loginId1]]);
    scene.login.isUnreachable = false;
    await scene.clock.advance(2_000);
    expect(holders()).toEqual([]);
  });
});

describe("an account that is requested without success", () => {
  test.each([["unavailable"], ["unanswered"]])(
    "is released, since it may have been granted: %s",
    async (why) => {
      scene.login.hold = () => (why === "unavailable" ? refused(why) : new Promise(() => {}));
      const guest = scene.come(ticket);
      await scene.clock.advance(4_000);
      expect(await guest.entered).toMatchObject(refused("unavailable"));
      expect(scene.login.all("account.release")).toMatchObject([{ accountId, loginId1 }]);
      expect(holders()).toEqual([]);
    },
  );

  test("stays with the login that already has it", async () => {
    await scene.plays(ticket);
    scene.login.hold = () => refused("unavailable");
    const again = scene.come(ticket);
    await scene.clock.advance(0);
    expect(await again.entered).toMatchObject(refused("unavailable"));
    expect(await scene.settles()).toEqual([]);
    expect([scene.login.all("account.release"), mayHold(ticket)]).toEqual([[], true]);
  });
});

describe("a client whose login already has a client at character select", () => {
  test("is told to come again if it shows the same ids, and is unknown if it shows others", async () => {
    const guest = await scene.chooses(ticket);
    expect(await scene.come(ticket).entered).toMatchObject(refused("already-online"));
    expect(await scene.come({ ...ticket, sex: "male" }).entered).toEqual(refused("not-logged-in"));
    expect([guest.kicks, scene.login.all("account.hold")]).toMatchObject([[], [ticket]]);
  });

  test("waits while that client is still on its way in", async () => {
    const [first, second] = [scene.come(ticket), scene.come(ticket)];
    await scene.clock.advance(0);
    expect(await first.entered).toMatchObject({ ok: true });
    expect(await second.entered).toMatchObject(refused("already-online"));
  });
});

test("a kick reaches the login that it names, and no newer login", async () => {
  const guest = await scene.chooses(newer);
  scene.accounts.kick(ticket, kickFor("logged-in-elsewhere"));
  scene.accounts.kickClient(ticket, kickFor("logged-in-elsewhere"));
  expect(guest.kicks).toEqual([]);
  scene.accounts.kickClient(newer, kickFor("logged-in-elsewhere"));
  expect(guest.kicks).toEqual(["logged-in-elsewhere"]);
});

describe("an account in doubt", () => {
  /** After this, the character has left its map, but the account is not released. */
  async function leavesUnnoticed(): Promise<void> {
    await scene.plays(ticket);
    scene.isTold = false;
    await scene.leaves(ticket);
    scene.isTold = true;
    scene.accounts.doubted(accountId);
  }

  test("is released if its character lock is free, and the release is repeated until it is answered", async () => {
    await leavesUnnoticed();
    scene.login.release = () => refused("unavailable");
    expect(await scene.settles()).toEqual([loginId1]);
    await scene.clock.advance(10_000);
    scene.login.release = () => accepted({});
    expect(await scene.settles()).toEqual([loginId1]);
    expect(await scene.settles()).toEqual([]);
  });

  test("is released by the login that has it, even if another login has the character", async () => {
    await leavesUnnoticed();
    const { accountId, ...ids } = newer;
    const open = {
      type: "open",
      owner: { server: "alpha", incarnation: "alpha-1" },
      accountFence: 2,
    } as const;
    await scene.locks.apply(accountId, { ...open, ...ids });
    expect(await scene.settles()).toEqual([loginId1]);
  });

  test("stays with the login that has its character, and is released when that login ends", async () => {
    await scene.plays(ticket);
    scene.accounts.doubted(accountId);
    expect([await scene.settles(), mayHold(ticket)]).toEqual([[], true]);
    await scene.leaves(ticket);
    expect(scene.login.all("account.release")).toMatchObject([{ loginId1 }]);
  });

  test("is not released while a client is on its way to the character, but checked afterwards", async () => {
    await leavesUnnoticed();
    let answer = (): void => {};
    scene.login.hold = () =>
      new Promise((resolve) => {
        answer = () => resolve(refused("unavailable"));
      });
    const guest = scene.come(ticket);
    await scene.clock.advance(0);
    expect(await scene.settles()).toEqual([]);
    answer();
    await scene.clock.advance(0);
    expect(await guest.entered).toMatchObject(refused("unavailable"));
    expect(await scene.settles()).toEqual([loginId1]);
  });
});

describe("a char-server that comes back", () => {
  test("names the accounts that it holds, and keeps them", async () => {
    const guest = await scene.chooses(ticket);
    await scene.comesBack();
    expect(scene.login.all("account.reclaim").flatMap(({ accounts }) => accounts)).toEqual([
      { ...ticket, accountFence: Fence(1), trace: "trace" },
    ]);
    expect([holders(), scene.kicks, guest.kicks]).toEqual([[loginId1], [], []]);
  });

  test("disconnects only the clients whose account it lost meanwhile", async () => {
    const [guest, neighbour] = [await scene.chooses(ticket), await scene.chooses(other)];
    scene.login.reclaim = () => accepted({ lost: [accountId] });
    await scene.comesBack();
    expect([scene.kicks, guest.kicks, neighbour.kicks]).toEqual([
      [[accountId, loginId1, "lock-lost"]],
      ["lock-lost"],
      [],
    ]);
    expect(holders()).toEqual([other.loginId1]);
  });

  test("lets an account that no client here has be freed", async () => {
    await scene.plays(ticket);
    await scene.chooses(other);
    scene.isTold = false;
    await scene.leaves(ticket);
    scene.login.owned = [ticket, other].map((each) => ({ ...each, accountFence: Fence(1), trace: "trace" }));
    await scene.comesBack();
    expect(scene.login.all("account.reclaim").flatMap(({ accounts }) => accounts)).toMatchObject([other]);
    expect([holders(), scene.kicks]).toEqual([[other.loginId1], []]);
  });
});

test("a char-server that was given up meanwhile holds no account any more", async () => {
  const guest = await scene.chooses(ticket);
  scene.login.isCookieKnown = false;
  await scene.comesBack();
  expect([guest.kicks, scene.link.isUp]).toEqual([["cluster-link-lost"], true]);
  expect([mayHold(ticket), holders()]).toEqual([false, []]);
});
