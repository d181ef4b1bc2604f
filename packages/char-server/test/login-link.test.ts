import { type AccountId, accepted, Fence, type LoginId, type LoginTicket, refused } from "@sallyport/domain";
import { ManualClock, settled, testHost } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { LoginLink } from "../src/login-link.ts";
import { HandMadeLogin, ticketOf } from "./hand-made-login.ts";

let clock: ManualClock;
let login: HandMadeLogin;
let link: LoginLink;
/** The clients that must leave, by account and login. */
let kicks: (readonly [AccountId, LoginId, string])[];
/** Accounts that are to be released later. */
let unreleased: AccountId[];
/** How often all held accounts were lost. */
let losses: number;
/** Logins without a client here. */
let gone: LoginId[];

const ticket = ticketOf(7);
const newer = ticketOf(7, 2);
const { accountId, loginId1 } = ticket;

beforeEach(async () => {
  clock = new ManualClock();
  login = new HandMadeLogin(clock);
  [kicks, unreleased, losses, gone] = [[], [], 0, []];
  link = new LoginLink(testHost({ clock }), {
    connect: login.connect,
    credentials: { server: "alpha", username: "alpha", password: "right" },
    world: { name: "Alpha", host: "127.0.0.1", port: 7200, wsUrl: null, otherDoors: [], near: [] },
    kick: (...of) => void kicks.push(of),
    stillHere: async (logins) => accepted(logins.filter((each) => !gone.includes(each.loginId1))),
    admitted: () => {},
    lost: () => {
      losses += 1;
    },
    unreleased: (account) => void unreleased.push(account),
  });
  const started = link.start();
  await clock.advance(0);
  await started;
});

async function holds(of: LoginTicket = ticket): Promise<void> {
  const held = link.hold(of);
  await clock.advance(0);
  expect(await held).toMatchObject({ ok: true });
}

/** The login-server confirms no release until the test says so. */
function holdReleases(): () => void {
  let answer = (): void => {};
  login.release = () =>
    new Promise((resolve) => {
      answer = () => resolve(accepted({}));
    });
  return () => answer();
}

describe("an account that is being released", () => {
  test("is no longer held, in every answer", async () => {
    const answer = holdReleases();
    await holds();
    expect(link.mayHold(accountId, loginId1)).toBe(true);
    const released = link.release(accountId, loginId1);
    await clock.advance(0);
    expect(link.mayHold(accountId, loginId1)).toBe(false);
    answer();
    await clock.advance(0);
    await released;
    expect([link.mayHold(accountId, loginId1), link.heldAccounts]).toEqual([false, []]);
  });

  test("is not requested with the same login ids before the release is done", async () => {
    const answer = holdReleases();
    await holds();
    const released = link.release(accountId, loginId1);
    const again = link.hold(ticket);
    await clock.advance(0);
    expect(login.all("account.hold")).toHaveLength(1);
    login.hold = () => refused("not-logged-in");
    answer();
    await clock.advance(0);
    await released;
    expect(await again).toEqual(refused("not-logged-in"));
    expect(login.asked.map(({ type }) => type)).toEqual(["account.hold", "account.release", "account.hold"]);
  });

  test("stays with a newer login that came meanwhile", async () => {
    const answer = holdReleases();
    await holds();
    const released = link.release(accountId, loginId1);
    await holds(newer);
    answer();
    await clock.advance(0);
    await released;
    expect(link.heldIds(accountId)).toBe(newer.loginId1);
  });

  test("is released later if the login-server's store does not answer", async () => {
    await holds();
    login.release = () => refused("unavailable");
    const released = link.release(accountId, loginId1);
    await clock.advance(10_000);
    await released;
    expect([unreleased, link.heldIds(accountId)]).toEqual([[accountId], loginId1]);
  });

  test("is released later if there is no link", async () => {
    await holds();
    login.isUnreachable = true;
    login.cut();
    await settled();
    await link.release(accountId, loginId1);
    expect([unreleased, login.all("account.release")]).toEqual([[accountId], []]);
  });
});

describe("an account that is requested without success", () => {
  test.each([["unavailable"], ["unanswered"]])(
    "is released, since it may have been granted: %s",
    async (why) => {
      login.hold = () => (why === "unavailable" ? refused(why) : new Promise(() => {}));
      const held = link.hold(ticket);
      await clock.advance(4_000);
      expect(await held).toMatchObject(refused("unavailable"));
      expect(login.all("account.release")).toMatchObject([{ accountId, loginId1 }]);
      expect(link.heldAccounts).toEqual([]);
    },
  );

  test("stays with the login that already has it", async () => {
    await holds();
    login.hold = () => refused("unavailable");
    const again = link.hold(ticket);
    await clock.advance(0);
    expect(await again).toMatchObject(refused("unavailable"));
    expect([login.all("account.release"), link.mayHold(accountId, loginId1)]).toEqual([[], true]);
  });
});

describe("a char-server that comes back", () => {
  const other = ticketOf(8);
  const backAgain = async (): Promise<void> => {
    login.cut();
    await clock.advance(2_000);
    expect([login.links.length, link.isUp]).toEqual([2, true]);
  };

  test("names the accounts that it holds, and keeps them", async () => {
    await holds();
    await backAgain();
    expect(login.all("account.reclaim").flatMap(({ accounts }) => accounts)).toEqual([
      { ...ticket, accountFence: Fence(1), trace: "trace" },
    ]);
    expect([link.heldIds(accountId), kicks]).toEqual([loginId1, []]);
  });

  test("disconnects only the clients whose account it lost meanwhile", async () => {
    await holds();
    await holds(other);
    login.reclaim = () => accepted({ lost: [accountId] });
    await backAgain();
    expect(kicks).toEqual([[accountId, loginId1, "lock-lost"]]);
    expect([link.heldIds(accountId), link.heldIds(other.accountId)]).toEqual([undefined, other.loginId1]);
  });

  test("lets an account that no client here has be freed", async () => {
    await holds();
    await holds(other);
    gone = [loginId1];
    login.owned = [ticket, other].map((each) => ({ ...each, accountFence: Fence(1), trace: "trace" }));
    await backAgain();
    expect(login.all("account.reclaim").flatMap(({ accounts }) => accounts)).toMatchObject([other]);
    expect([link.heldIds(accountId), link.heldIds(other.accountId)]).toEqual([undefined, other.loginId1]);
    expect(kicks).toEqual([]);
  });
});

test("a char-server that was given up meanwhile holds no account any more", async () => {
  await holds();
  login.isCookieKnown = false;
  login.cut();
  await clock.advance(2_000);
  expect([losses, link.isUp]).toEqual([1, true]);
  expect([link.mayHold(accountId, loginId1), link.heldAccounts]).toEqual([false, []]);
});
