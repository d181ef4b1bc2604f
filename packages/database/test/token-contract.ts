import type { AccountId } from "@sallyport/domain";
import { must } from "@sallyport/testkit";
import { describe, expect, test } from "vitest";
import type { StoredTokenKey } from "../src/index.ts";
import { createAccount, credential, freshName, type Stores } from "./sample-rows.ts";

const dayMs = 86_400_000;

export function tokenContract(stores: () => Stores): void {
  const tokens = () => stores().tokens;
  const issuedS = async (accountId: AccountId): Promise<number> =>
    must(await tokens().holder(accountId, null)).issuedS;
  const revokedMs = async (accountId: AccountId): Promise<number | undefined> =>
    (await tokens().revocations(dayMs, 1_000)).find((each) => each.accountId === accountId)?.beforeMs;

  test("tells of an account what a token says", async () => {
    const name = freshName();
    const accountId = await createAccount(stores(), name);
    const holder = must(await tokens().holder(accountId, credential().storedKey));
    expect(holder).toMatchObject({ accountId, name, role: "player" });
    expect(await revokedMs(accountId)).toBe(undefined);
  });

  test("gives nothing for another credential than the account has", async () => {
    const accountId = await createAccount(stores());
    expect(await tokens().holder(accountId, credential(9).storedKey)).toEqual({
      ...{ ok: false, refusal: "no-such-account" },
    });
  });

  test("gives nothing for a banned account, and says until when and why", async () => {
    const accountId = await createAccount(stores());
    await stores().accounts.setBan({ accountId, untilMs: Number.POSITIVE_INFINITY, reason: "for a test" });
    expect(await tokens().holder(accountId, null)).toMatchObject({
      ...{ ok: false, refusal: "banned", detail: "for a test" },
    });
  });

  describe.each<[string, (accountId: AccountId) => Promise<unknown>]>([
    [
      "a ban that is over",
      async (accountId) => {
        await stores().accounts.setBan({ accountId, untilMs: Number.POSITIVE_INFINITY });
        await tokens().revocations(dayMs, 1);
        await stores().accounts.setBan({ accountId, untilMs: null });
      },
    ],
    ["another role", (accountId) => stores().accounts.setRole({ accountId, role: "gamemaster" })],
    [
      "a new password",
      (accountId) =>
        stores().accounts.changePassword({
          ...{ accountId, replaced: credential(), credential: credential(7), endsLogins: false },
        }),
    ],
  ])("%s", (_, change) => {
    test("ends the tokens before it, and none after it", async () => {
      const accountId = await createAccount(stores());
      const before = await issuedS(accountId);
      await change(accountId);
      const after = await issuedS(accountId);
      const beforeMs = (await revokedMs(accountId)) ?? Number.NaN;
      expect(beforeMs).toBeGreaterThanOrEqual(before * 1_000);
      expect(beforeMs).toBeLessThan(after * 1_000);
    });
  });

  test("a second change ends a token that the first one dated ahead of the clock", async () => {
    const accountId = await createAccount(stores());
    await tokens().revocations(dayMs, 1);
    const roles = ["gamemaster", "player", "gamemaster"] as const;
    for (const role of roles) {
      await stores().accounts.setRole({ accountId, role });
      const ahead = await issuedS(accountId);
      await stores().accounts.setBan({ accountId, untilMs: Number.POSITIVE_INFINITY });
      expect(await revokedMs(accountId)).toBeGreaterThanOrEqual(ahead * 1_000);
      await stores().accounts.setBan({ accountId, untilMs: null });
      const beforeMs = (await revokedMs(accountId)) ?? Number.NaN;
      expect((await issuedS(accountId)) * 1_000).toBeGreaterThan(beforeMs);
    }
  });

  test("a login and a mute end no token", async () => {
    const accountId = await createAccount(stores());
    await issuedS(accountId);
    must(await stores().accounts.raiseFence(accountId));
    must(await stores().accounts.setMute({ accountId, untilMs: Number.POSITIVE_INFINITY }));
    expect(await revokedMs(accountId)).toBe(undefined);
  });

  describe("keys", () => {
    const key = (number: number, more: Partial<StoredTokenKey> = {}): StoredTokenKey => {
      const nowMs = Math.floor(Date.now() / 1_000) * 1_000;
      const kid = `${freshName()}-${number}`;
      return {
        ...{ number, kid, publicKey: "public", privateKey: "private", madeMs: nowMs },
        ...{ signsUntilMs: nowMs + dayMs, verifiesUntilMs: nowMs + 2 * dayMs, ...more },
      };
    };

    test("are kept as they were made, and the first of a number stays", async () => {
      const keys = [key(2), key(1), key(2)];
      for (const each of keys) await tokens().addKey(each);
      expect(await tokens().keys()).toEqual([keys[1], keys[0]]);
    });

    test("lose their private half when they have ended, and go when no token can be valid", async () => {
      const nowMs = Date.now();
      const ended = key(3, { signsUntilMs: nowMs - 1 });
      const gone = key(4, { signsUntilMs: nowMs - 2, verifiesUntilMs: nowMs - 1 });
      for (const each of [ended, gone]) await tokens().addKey(each);
      await tokens().forget(dayMs);
      const found = (await tokens().keys()).filter(({ number }) => number > 2);
      expect(found).toEqual([{ ...ended, privateKey: null }]);
    });
  });

  test("revocations are told newest first, and forgotten when they are old", async () => {
    // Those of other tests may be dated ahead of the clock.
    await tokens().forget(-dayMs);
    const accounts = [await createAccount(stores()), await createAccount(stores())];
    await tokens().revocations(dayMs, 1);
    for (const accountId of accounts) {
      await stores().accounts.setRole({ accountId, role: "gamemaster" });
      await tokens().revocations(dayMs, 1);
    }
    const [newest] = await tokens().revocations(dayMs, 1);
    expect(accounts).toContain(newest?.accountId);
    await tokens().forget(-dayMs);
    expect(await tokens().revocations(dayMs, 1_000)).toEqual([]);
  });
}
