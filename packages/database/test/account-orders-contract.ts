import { AccountId } from "@sallyport/domain";
import { describe, expect, test } from "vitest";
import { createAccount, freshName, type Stores } from "./sample-rows.ts";

const soonMs = 4_102_444_800_000;
const forEver = Number.POSITIVE_INFINITY;
const all = 10_000;

export function accountOrdersContract(stores: () => Stores): void {
  /** The orders after those that other tests have given. */
  async function after(order: () => Promise<unknown>) {
    const { accounts } = stores();
    const { version } = await accounts.ordersAfter(0, all);
    await order();
    return (await accounts.ordersAfter(version, all)).items;
  }

  test("are found in the order in which they were given, each account once, with all that holds", async () => {
    const { accounts } = stores();
    const [first, second] = [await createAccount(stores()), await createAccount(stores())];
    await accounts.raiseFence(second);
    const orders = await after(async () => {
      await accounts.setRole({ accountId: first, role: "gamemaster" });
      await accounts.setBan({ accountId: second, untilMs: soonMs, reason: "for cheating", by: "ops" });
      await accounts.setMute({ accountId: first, untilMs: soonMs });
    });
    expect(orders).toMatchObject([
      { accountId: second, bannedUntilMs: soonMs, banReason: "for cheating", role: "player", fence: 1 },
      { accountId: first, bannedUntilMs: null, role: "gamemaster", mutedUntilMs: soonMs, fence: 0 },
    ]);
    expect(orders[0]!.version).toBeLessThan(orders[1]!.version);
  });

  test("are read in parts", async () => {
    const { accounts } = stores();
    const made = [await createAccount(stores()), await createAccount(stores())];
    const { version } = await accounts.ordersAfter(0, all);
    for (const accountId of made) await accounts.setMute({ accountId, untilMs: forEver });
    const part = await accounts.ordersAfter(version, 1);
    expect(part.items).toMatchObject([{ accountId: made[0], mutedUntilMs: Number.MAX_SAFE_INTEGER }]);
    expect((await accounts.ordersAfter(part.version, all)).items).toMatchObject([{ accountId: made[1] }]);
  });

  test("cut what an operator wrote to what a client can be told", async () => {
    const accountId = await createAccount(stores());
    const reason = "x".repeat(300);
    const [order] = await after(() => stores().accounts.setBan({ accountId, untilMs: forEver, reason }));
    expect(order).toMatchObject({ bannedUntilMs: forEver, banReason: "x".repeat(200) });
  });

  test("about an account that does not exist are refused", async () => {
    const { accounts } = stores();
    const accountId = AccountId(1);
    const refused = { refusal: "no-such-account" };
    expect(await accounts.setRole({ accountId, role: "player" })).toMatchObject(refused);
    expect(await accounts.setMute({ accountId, untilMs: null })).toMatchObject(refused);
  });

  test("older than a moment ago are known by their last version", async () => {
    const { accounts } = stores();
    await accounts.setMute({ accountId: await createAccount(stores()), untilMs: null });
    const { version } = await accounts.ordersAfter(0, all);
    expect(await accounts.lastOrderBefore(3_600_000)).toBe(0);
    expect(await accounts.lastOrderBefore(-3_600_000)).toBe(version);
  });

  describe("a ban that comes while a login is under way", () => {
    test("refuses its fence, and says until when and why", async () => {
      const { accounts } = stores();
      const name = freshName();
      const accountId = await createAccount(stores(), name);
      await accounts.setBan({ accountId, untilMs: Date.now() + 3_600_000, reason: "for cheating" });
      const answer = { refusal: "banned", detail: "for cheating", retryAfterMs: expect.any(Number) };
      expect(await accounts.raiseFence(accountId)).toMatchObject(answer);
      expect(await accounts.raiseFence(accountId, (await accounts.findByName(name))!.fence)).toMatchObject(
        answer,
      );
    });

    test("does not keep an operator from changing what belongs to the account", async () => {
      const { accounts } = stores();
      const accountId = await createAccount(stores());
      await accounts.setBan({ accountId, untilMs: forEver });
      const raised = await accounts.raiseFence(accountId, undefined, { evenIfBanned: true });
      expect(raised).toMatchObject({ ok: true, value: { fence: 1 } });
    });

    test("is found when the login is recorded", async () => {
      const { accounts } = stores();
      const accountId = await createAccount(stores());
      const raised = await accounts.raiseFence(accountId);
      if (!raised.ok) throw new Error(raised.refusal);
      const { fence } = raised.value;
      await accounts.setBan({ accountId, untilMs: forEver });
      expect(await accounts.noteLogin({ accountId, fence })).toEqual({ ok: false, refusal: "banned" });
      await accounts.setBan({ accountId, untilMs: null });
      expect(await accounts.noteLogin({ accountId, fence })).toEqual({ ok: true, value: {} });
    });
  });
}
