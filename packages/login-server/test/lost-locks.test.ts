import { systemClock } from "@sallyport/clock";
import { createMemoryStores } from "@sallyport/database";
import { AccountId, Fence, LoginId } from "@sallyport/domain";
import { type AccountEffect, defaultLockTiming } from "@sallyport/lock-core";
import { MemoryLockStore } from "@sallyport/lock-store";
import { testHost } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { AccountLocks } from "../src/account-locks.ts";

/* In these tests, the store has just lost all locks. */

const alpha = { server: "alpha", incarnation: "alpha-1", earlier: [] };
const beta = { server: "beta", incarnation: "beta-1", earlier: [] };
const accountId = AccountId(2_000_000);
const accountOf = (accountFence: number) => ({
  accountId,
  loginId1: LoginId(10 + accountFence),
  loginId2: LoginId(20),
  sex: "female" as const,
  accountFence: Fence(accountFence),
  trace: "cafe",
});

let graceMs: number;
let told: AccountEffect[];
let locks: AccountLocks;
let stores: ReturnType<typeof createMemoryStores>;

beforeEach(() => {
  graceMs = 7_000;
  told = [];
  stores = createMemoryStores();
  const store = new MemoryLockStore({ nowMs: () => 0 });
  const losses = { count: 1, graceLeftMs: () => graceMs };
  locks = new AccountLocks(testHost({ clock: systemClock }), {
    store: Object.assign(store, { losses }),
    timing: defaultLockTiming,
    accounts: stores.accounts,
    perform: (_accountId, effect) => told.push(effect),
  });
});

const stays = new AbortController().signal;
const later = { ok: false, refusal: "unavailable", retryAfterMs: 7_000 };

describe("while char-servers may still restore their accounts,", () => {
  test.each(["takeover", "reject"] as const)(
    "no login is admitted under %s, and no fence is raised",
    async (policy) => {
      const account = { accountId, fence: Fence(0) };
      expect(await locks.grant(account, stays, policy)).toEqual(later);
      graceMs = 0;
      // This account does not exist. Only a request for a fence tells the server so, and gets this refusal.
      expect(await locks.grant(account, stays, policy)).toMatchObject({ refusal: "wrong-name-or-password" });
    },
  );

  test("a client with unknown login ids is asked to come again, and is refused afterwards", async () => {
    expect(await locks.hold(accountOf(1), alpha)).toEqual(later);
    graceMs = 0;
    expect(await locks.hold(accountOf(1), alpha)).toMatchObject({ refusal: "not-logged-in" });
  });

  test("they restore the accounts that they name, and may name them twice", async () => {
    expect(await locks.reclaim([accountOf(1)], alpha)).toEqual([]);
    expect(await locks.reclaim([accountOf(1)], alpha)).toEqual([]);
    expect(await locks.hold(accountOf(1), alpha)).toEqual({
      ok: true,
      value: { accountFence: 1, trace: "cafe" },
    });
    expect(told).toEqual([]);
  });

  test("of two that hold one account, the one with the newer login keeps it, and the other is told, in any order", async () => {
    expect(await locks.reclaim([accountOf(1)], alpha)).toEqual([]);
    expect(await locks.reclaim([accountOf(2)], beta)).toEqual([]);
    expect(told).toMatchObject([{ type: "lost", owner: { incarnation: "alpha-1" }, loginId1: 11 }]);
    expect(await locks.reclaim([accountOf(1)], alpha)).toEqual([accountId]);
  });

  test("no account is restored after that time", async () => {
    graceMs = 0;
    expect(await locks.reclaim([accountOf(1)], alpha)).toEqual([accountId]);
  });
});
