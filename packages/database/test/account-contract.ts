import { AccountId } from "@sallyport/domain";
import { must } from "@sallyport/testkit";
import { expect, test } from "vitest";
import { createAccount, credential, freshName, plain, raise, type Stores } from "./sample-rows.ts";

export function accountContract(stores: () => Stores): void {
  test("finds an account by its name in any case, as it was registered", async () => {
    const { accounts } = stores();
    const name = `Mixed_${freshName()}`;
    const accountId = await createAccount(stores(), name);
    const found = await accounts.findByName(name.toUpperCase());
    expect(found).toMatchObject({ accountId, name, sex: "female", bannedUntilMs: null });
    expect(plain(found?.credential)).toEqual(plain(credential()));
    expect(await accounts.findByName(`${name}x`)).toBe(null);
  });

  test("gives one name to exactly one of a hundred simultaneous registrations", async () => {
    const { accounts } = stores();
    const name = freshName();
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        accounts.create({
          name: index % 2 === 0 ? name : name.toUpperCase(),
          sex: "male",
          credential: credential(),
        }),
      ),
    );
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    const refusals = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.refusal]));
    expect(new Set(refusals)).toEqual(new Set(["name-taken"]));
  });

  test("raises the fence by one for each login", async () => {
    const { accounts } = stores();
    const accountId = await createAccount(stores());
    const value = { sex: "female", lastLoginMs: null };
    expect(await accounts.raiseFence(accountId)).toEqual({ ok: true, value: { ...value, fence: 1 } });
    expect(await accounts.raiseFence(accountId)).toEqual({ ok: true, value: { ...value, fence: 2 } });
    expect(await accounts.raiseFence(AccountId(1))).toEqual({ ok: false, refusal: "no-such-account" });
  });

  test("records a login unless a newer one has raised the fence, which is told of the last one", async () => {
    const { accounts } = stores();
    const accountId = await createAccount(stores());
    const before = Date.now();
    const first = await raise(stores(), accountId);
    expect(await accounts.noteLogin({ accountId, fence: first })).toEqual({ ok: true, value: {} });
    const second = must(await accounts.raiseFence(accountId));
    expect(second.lastLoginMs).toBeGreaterThan(before - 60_000);
    const refusal = { ok: false, refusal: "raised-meanwhile" };
    expect(await accounts.noteLogin({ accountId, fence: first })).toEqual(refusal);
    expect(must(await accounts.raiseFence(accountId)).lastLoginMs).toBe(second.lastLoginMs);
    expect(await accounts.noteLogin({ accountId: AccountId(1), fence: first })).toEqual(refusal);
  });

  test("raises the fence only from the expected value, so that a late raise takes nothing from a newer owner", async () => {
    const { accounts } = stores();
    const name = freshName();
    const accountId = await createAccount(stores(), name);
    const seen = (await accounts.findByName(name))?.fence;
    expect(seen).toBe(0);
    const raised = await accounts.raiseFence(accountId, seen);
    expect(raised).toMatchObject({ ok: true, value: { fence: 1 } });
    expect(await accounts.raiseFence(accountId, seen)).toEqual({ ok: false, refusal: "raised-meanwhile" });
    expect((await accounts.findByName(name))?.fence).toBe(1);
  });

  test("raises the fence for a proven password unless a newer one was set, whoever logged in meanwhile", async () => {
    const { accounts } = stores();
    const accountId = await createAccount(stores());
    const provenAt = await raise(stores(), accountId);
    await raise(stores(), accountId);
    expect(await accounts.raiseFence(accountId, undefined, { provenAt })).toMatchObject({ ok: true });
    const change = { accountId, replaced: credential(1), credential: credential(2), endsLogins: true };
    const { fence } = must(await accounts.changePassword(change));
    const refusal = { ok: false, refusal: "raised-meanwhile" };
    expect(await accounts.raiseFence(accountId, undefined, { provenAt })).toEqual(refusal);
    const raised = await accounts.raiseFence(accountId, undefined, { provenAt: fence });
    expect(raised).toMatchObject({ ok: true, value: { fence: fence + 1 } });
  });

  test("gives each of many simultaneous owners a fence of its own", async () => {
    const accountId = await createAccount(stores());
    const fences = await Promise.all(Array.from({ length: 20 }, () => raise(stores(), accountId)));
    expect(fences.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  test("counts its credentials by hash parameters", async () => {
    const { accounts } = stores();
    const parameters = { memoryKib: 4_711, iterations: 3, parallelism: 2 };
    for (let count = 1; count <= 2; count += 1) {
      await accounts.create({
        name: freshName(),
        sex: "male",
        credential: { ...credential(), ...parameters },
      });
      expect(await accounts.parametersInUse()).toContainEqual({ parameters, count });
    }
  });

  test("does not replace a credential that changed meanwhile", async () => {
    const { accounts } = stores();
    const name = freshName();
    const accountId = await createAccount(stores(), name);
    const change = { accountId, replaced: credential(1), credential: credential(2) };
    expect(await accounts.replaceCredential(change)).toEqual({ ok: true, value: {} });
    expect(await accounts.replaceCredential({ ...change, credential: credential(3) })).toEqual({
      ok: false,
      refusal: "credential-changed",
    });
    expect((await accounts.findByName(name))?.credential.storedKey[0]).toBe(2);
  });

  test("keeps a ban until it is lifted", async () => {
    const { accounts } = stores();
    const name = freshName();
    const accountId = await createAccount(stores(), name);
    const untilMs = 4_102_444_800_000;
    expect(await accounts.setBan({ accountId, untilMs })).toEqual({
      ok: true,
      value: { accountId },
    });
    expect(await accounts.findByName(name)).toMatchObject({ bannedUntilMs: untilMs });
    await accounts.setBan({ accountId, untilMs: Number.POSITIVE_INFINITY });
    expect(await accounts.findByName(name)).toMatchObject({ bannedUntilMs: Number.POSITIVE_INFINITY });
    await accounts.setBan({ accountId, untilMs: null });
    expect(await accounts.findByName(name)).toMatchObject({ bannedUntilMs: null });
    expect(await accounts.setBan({ accountId: AccountId(1), untilMs })).toMatchObject({
      refusal: "no-such-account",
    });
  });
}
