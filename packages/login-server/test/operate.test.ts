import { accountLockKey, defaultLockTiming } from "@sallyport/lock-core";
import { beforeEach, describe, expect, test } from "vitest";
import type { AccountLocks } from "../src/account-locks.ts";
import { OneAccount, ticketOf } from "./one-account.ts";

const { evictMs } = defaultLockTiming;
const alpha = { server: "alpha", incarnation: "alpha-1", earlier: [] };

let account: OneAccount;
let one: AccountLocks;
let other: AccountLocks;
beforeEach(async () => {
  account = await OneAccount.create(() => 1_000);
  [one, other] = account.loginServers(2) as [AccountLocks, AccountLocks];
});

const lastLoginMs = async () => {
  const raised = await account.accounts.raiseFence(account.accountId);
  return raised.ok && raised.value.lastLoginMs;
};

describe("an operator that needs an account", () => {
  test("gets login ids at once if nobody has the account, and counts as no login", async () => {
    const ids = await one.operate(account.accountId);
    if (!ids.ok) throw new Error(ids.refusal);
    expect(await other.hold(ids.value, alpha)).toMatchObject({ ok: true });
    expect(await lastLoginMs()).toBeNull();
  });

  test("waits until the owner has released the account, on whichever login-server", async () => {
    await account.hold(other);
    const operated = one.operate(account.accountId);
    await account.clock.advance(500);
    expect(account.told).toMatchObject([{ type: "kick" }]);
    await account.release(other);
    await account.clock.advance(500);
    expect(await operated).toMatchObject({ ok: true });
  });

  test("gets the account when the evict timer ends, if the owner does not answer", async () => {
    await account.hold(one);
    const operated = one.operate(account.accountId);
    await account.clock.advance(evictMs);
    await one.expire(accountLockKey(account.accountId));
    await account.clock.advance(500);
    expect(await operated).toMatchObject({ ok: true });
  });

  test("is overtaken by a client that logs in later", async () => {
    await account.hold(other);
    const operated = one.operate(account.accountId);
    await account.clock.advance(500);
    const login = account.logIn(other);
    await account.clock.advance(300);
    await account.release(other);
    await account.clock.advance(1_000);
    expect(await operated).toMatchObject({ refusal: "overtaken" });
    expect(await one.hold(ticketOf(await login), alpha)).toMatchObject({ ok: true });
  });

  test("is told that the account is gone", async () => {
    expect(await one.operate(0 as never)).toEqual({ ok: false, refusal: "no-such-account" });
  });
});
