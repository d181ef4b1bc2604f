import { systemClock } from "@sallyport/clock";
import { createMemoryStores } from "@sallyport/database";
import { type AccountId, Fence, LoginId } from "@sallyport/domain";
import {
  type AccountEffect,
  type AccountLock,
  accountLockKey,
  defaultLockTiming,
  type NewDeadline,
} from "@sallyport/lock-core";
import { MemoryLockState, MemoryLockStore } from "@sallyport/lock-store";
import { testHost } from "@sallyport/testkit";
import { WireError } from "@sallyport/wire";
import { beforeEach, describe, expect, test } from "vitest";
import { AccountLocks } from "../src/account-locks.ts";

/* A char-server has come back in its third incarnation, with accounts of both earlier incarnations. */

const ownerOf = (nth: number) => ({ server: "alpha", incarnation: `alpha-${nth}` });
const back = { ...ownerOf(3), earlier: ["alpha-1", "alpha-2"] };

let state: MemoryLockState;
let told: AccountEffect[];
let locks: AccountLocks;

beforeEach(() => {
  state = new MemoryLockState();
  told = [];
  locks = new AccountLocks(testHost({ clock: systemClock }), {
    store: new MemoryLockStore({ nowMs: () => 0, state }),
    timing: defaultLockTiming,
    accounts: createMemoryStores().accounts,
    perform: (_accountId, effect) => told.push(effect),
  });
});

const ticketOf = (id: number) => ({
  accountId: id as AccountId,
  loginId1: LoginId(id + 10_000),
  loginId2: LoginId(id + 20_000),
  sex: "female" as "female" | "male",
  accountFence: Fence(1),
  trace: "cafe",
});

/** Stores the lock of an account that this incarnation of the char-server holds. */
async function held(
  id: number,
  nth: number,
  more: Partial<AccountLock> = {},
  deadline: NewDeadline = "none",
): Promise<void> {
  const { accountId: _, accountFence: fence, ...ids } = ticketOf(id);
  const value = JSON.stringify({
    state: "held",
    ...ids,
    fence,
    owner: ownerOf(nth),
    ...more,
  });
  const change = { key: accountLockKey(id), expectedVersion: 0, value, deadline };
  await new MemoryLockStore({ nowMs: () => 0, state }).compareAndSet({ ...change, owner: `alpha-${nth}` });
}

const lockOf = (id: number): AccountLock => JSON.parse(state.locks.get(accountLockKey(id))?.value ?? "{}");

describe("a char-server that came back", () => {
  test("is told page by page what its earlier incarnations own, and reclaims it in the same batches", async () => {
    for (let id = 1; id <= 1_203; id += 1) await held(id, id % 2 === 0 ? 1 : 2);
    await held(5_000, 3);
    const seen: number[] = [];
    let pages = 0;
    let after: string | null = null;
    do {
      const page = await locks.ownedBefore(back, after);
      expect(page.accounts.length).toBeLessThanOrEqual(500);
      expect(await locks.reclaim(page.accounts, back)).toEqual([]);
      seen.push(...page.accounts.map(({ accountId }) => accountId));
      pages += 1;
      after = page.next;
    } while (after !== null);
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 1_203 }, (_, index) => index + 1));
    expect(pages).toBe(4);
    expect(lockOf(77)).toMatchObject({ state: "held", owner: ownerOf(3) });
    expect([...state.owned.keys()]).toEqual(["alpha-3"]);
  });

  test("gets back all locks except overwritten ones, which are reported as lost", async () => {
    await held(1, 1);
    await held(2, 1);
    const { locks: stored } = state;
    const spoilt = stored.get(accountLockKey(2));
    if (spoilt === undefined) throw new Error("no lock");
    stored.set(accountLockKey(2), { ...spoilt, value: "{}" });
    const { accounts, next } = await locks.ownedBefore(back, null);
    expect(accounts.map(({ accountId }) => accountId)).toEqual([1]);
    expect(next).not.toBeNull();
    expect(await locks.reclaim([ticketOf(1), ticketOf(2)], back)).toEqual([2]);
    expect(lockOf(1)).toMatchObject({ state: "held", owner: ownerOf(3) });
  });

  test("is told the ticket of each account, as the client showed it", async () => {
    await held(7, 1);
    expect(await locks.ownedBefore(back, null)).toMatchObject({
      accounts: [ticketOf(7)],
    });
  });

  test("has nothing to reclaim in its first incarnation", async () => {
    await held(7, 1);
    expect(await locks.ownedBefore({ ...ownerOf(1), earlier: [] }, null)).toEqual({
      accounts: [],
      next: null,
    });
  });

  test("does not get accounts that now belong to another, and gets the rest", async () => {
    for (const id of [1, 2, 3, 4]) await held(id, 1);
    await held(5, 1, { owner: { server: "beta", incarnation: "beta-1" } });
    const wrong = [
      { ...ticketOf(2), loginId1: LoginId(1) },
      { ...ticketOf(3), sex: "male" as const },
      ticketOf(5),
      ticketOf(6),
    ];
    expect(await locks.reclaim([ticketOf(1), ...wrong, ticketOf(4)], back)).toEqual([2, 3, 5, 6]);
    expect([1, 2, 3, 4].map((id) => (lockOf(id) as { owner: object }).owner)).toEqual(
      [3, 1, 1, 3].map(ownerOf),
    );
  });

  test("is asked again to release an account that another client wants", async () => {
    await held(1, 1, { state: "evicting" }, { atMs: 5_000 });
    expect(await locks.reclaim([ticketOf(1)], back)).toEqual([]);
    expect(lockOf(1)).toMatchObject({ state: "evicting", owner: ownerOf(3) });
    expect(state.locks.get(accountLockKey(1))?.deadlineMs).toBe(5_000);
    expect(told).toEqual([{ type: "kick", owner: ownerOf(3), loginId1: ticketOf(1).loginId1 }]);
  });

  test.each([
    "",
    "x",
    "0",
    "-1/",
    "0/5:server:map",
    "0/1:account:1; DROP",
    "99999/",
    "0/1:account:1",
    "0/9999999999999999",
  ])("that asks for a page after %j sends nonsense", async (place) => {
    await expect(locks.ownedBefore(back, place)).rejects.toThrow(WireError);
  });
});
