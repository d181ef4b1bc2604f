import { type Fence, type Kick, kickFor, Unavailable } from "@sallyport/domain";
import { must, settled, testHost } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import type { AccountLocks } from "../src/account-locks.ts";
import { LoginsToEnd } from "../src/logins-to-end.ts";
import { OneAccount, wordOf } from "./one-account.ts";

const forEver = Number.POSITIVE_INFINITY;
const banned: Kick = { reason: "banned", untilMs: null, text: "for cheating" };
const isKick = { type: "kick", owner: { server: "alpha", incarnation: "alpha-1" } };

let scene: OneAccount;
beforeEach(async () => {
  scene = await OneAccount.create();
});

test("the owner of an account is told why its client is put out, and loses the account at the evict timer", async () => {
  const [at] = scene.loginServers(1);
  await scene.hold(at!);
  expect(await at!.putOut(scene.accountId, banned)).toEqual({ ok: true, value: {} });
  expect(scene.told).toMatchObject([{ ...isKick, told: banned }]);
  expect(scene.lock()).toMatchObject({ state: "evicting", told: banned });
});

test("nobody is put out of an account that nobody has", async () => {
  const [at] = scene.loginServers(1);
  expect(await at!.putOut(scene.accountId, banned)).toEqual({ ok: false, refusal: "not-held" });
  expect(scene.told).toEqual([]);
});

test("a login that is newer than the order stays", async () => {
  const [at] = scene.loginServers(1);
  const older = (await scene.accounts.findByName("alice"))!.fence;
  await scene.hold(at!);
  expect(await at!.putOut(scene.accountId, banned, older)).toEqual({ ok: false, refusal: "stale-fence" });
  expect(scene.lock()).toMatchObject({ state: "held" });
});

test("a text that is too long for clients is cut", async () => {
  const [at] = scene.loginServers(1);
  await scene.hold(at!);
  await at!.putOut(scene.accountId, { ...banned, text: "x".repeat(300) });
  expect(scene.told).toMatchObject([{ told: { text: "x".repeat(200) } }]);
});

/** Sets another password, and returns the newest fence of logins that have to end. */
async function newPassword(): Promise<Fence> {
  const { accounts, accountId } = scene;
  const { credential: replaced } = (await accounts.findByName("alice"))!;
  const credential = { ...replaced, storedKey: replaced.storedKey.map((byte) => byte + 1) };
  return must(await accounts.changePassword({ accountId, replaced, credential, endsLogins: true })).fence;
}

test("logins that end because of a new password are told so, and one on its way loses its ids", async () => {
  const [at] = scene.loginServers(1);
  const logins = new LoginsToEnd(testHost({ clock: scene.clock }), at!);
  await scene.hold(at!);
  await logins.end(scene.accountId, await newPassword());
  expect(scene.told).toMatchObject([{ ...isKick, told: kickFor("credential-changed") }]);
  await scene.release(at!);
  expect(wordOf(await scene.logIn(at!))).toBe("let in");
  await logins.end(scene.accountId, await newPassword());
  expect(scene.lock()).toEqual({ state: "free" });
});

test("logins end when the stores answer again, and the one that came after the new password stays", async () => {
  const [at] = scene.loginServers(1);
  await scene.hold(at!);
  let isAway = true;
  const locks = {
    putOut: async (...of: Parameters<AccountLocks["putOut"]>) => {
      if (isAway) throw new Unavailable("no answer");
      return at!.putOut(...of);
    },
  };
  const logins = new LoginsToEnd(testHost({ clock: scene.clock }), locks);
  const fence = await newPassword();
  await logins.end(scene.accountId, fence);
  expect(scene.lock()).toMatchObject({ state: "held" });
  isAway = false;
  await scene.clock.advance(1_000);
  expect(scene.lock()).toMatchObject({ state: "evicting", told: kickFor("credential-changed") });
  await scene.release(at!);
  expect(wordOf(await scene.logIn(at!))).toBe("let in");
  expect((await scene.accounts.findByName("alice"))!.fence).toBe(fence + 1);
  await logins.end(scene.accountId, fence);
  await scene.clock.advance(5_000);
  expect(scene.lock()).toMatchObject({ state: "granted" });
});

test("a login with a password that was replaced after it was checked is refused, and raises nothing", async () => {
  const [at] = scene.loginServers(1);
  const account = (await scene.accounts.findByName("alice"))!;
  const fence = await newPassword();
  const answer = await at!.grant(account, new AbortController().signal, "takeover");
  expect(answer).toEqual({ ok: false, refusal: "wrong-name-or-password" });
  expect(await scene.accounts.findByName("alice")).toMatchObject({ fence });
  expect(wordOf(await scene.logIn(at!))).toBe("let in");
});

describe("a ban that comes after the password was checked", () => {
  test("refuses the login before it raises the fence", async () => {
    const [at] = scene.loginServers(1);
    const account = (await scene.accounts.findByName("alice"))!;
    await scene.accounts.setBan({ accountId: scene.accountId, untilMs: forEver, reason: "for cheating" });
    const answer = await at!.grant(account, new AbortController().signal, "takeover");
    expect(answer).toEqual({ ok: false, refusal: "banned", detail: "for cheating" });
    expect(scene.lock()).toEqual({ state: "free" });
  });

  test("refuses a login that still waits for the account as banned, with the reason", async () => {
    const [older, newer] = scene.loginServers(2);
    await scene.hold(older!);
    const waiting = scene.logIn(newer!);
    await settled();
    await scene.accounts.setBan({ accountId: scene.accountId, untilMs: forEver, reason: "for cheating" });
    await scene.release(older!);
    await scene.clock.advance(1_000);
    expect(await waiting).toEqual({ ok: false, refusal: "banned", detail: "for cheating" });
    await settled();
    expect(scene.lock()).toEqual({ state: "free" });
  });

  test("puts the login out if its fence was raised before", async () => {
    const { accounts, accountId } = scene;
    const at = scene.loginServer({
      ...accounts,
      // The ban comes between the two statements of the login.
      raiseFence: async (...of) => {
        const raised = await accounts.raiseFence(...of);
        await accounts.setBan({ accountId, untilMs: forEver });
        return raised;
      },
    });
    expect(wordOf(await scene.logIn(at))).toBe("let in");
    await settled();
    expect(scene.lock()).toEqual({ state: "free" });
  });
});
