import { type Email, invitationHash, type NewAccount, readEmail } from "@sallyport/authentication";
import type { AccountId } from "@sallyport/domain";
import { must } from "@sallyport/testkit";
import { expect, test } from "vitest";
import { createAccount, credential, freshName, plain, raise, type Stores } from "./sample-rows.ts";

export function identityContract(stores: () => Stores): void {
  const create = (of: Partial<NewAccount>) =>
    stores().accounts.create({ name: null, sex: "female", credential: credential(), ...of });
  const freshEmail = (): Email => emailOf(`${freshName()}@Example.org`);

  test("finds an account by its e-mail address in any case, also if it has no name", async () => {
    const email = freshEmail();
    const { accountId } = must(await create({ email }));
    const found = await stores().accounts.findByEmail(emailOf(email.address.toUpperCase()).key);
    expect(found).toMatchObject({ accountId, name: null, email: email.address, isEmailConfirmed: false });
    expect(plain(found?.credential)).toEqual(plain(credential()));
    expect(await stores().accounts.findByEmail(`x${email.key}`)).toBe(null);
    expect(await stores().accounts.findByEmail("~")).toBe(null);
  });

  test("gives one address to exactly one of many simultaneous registrations", async () => {
    const email = freshEmail();
    const made = await Promise.all(Array.from({ length: 20 }, () => create({ name: freshName(), email })));
    expect(made.filter(({ ok }) => ok)).toHaveLength(1);
    expect(new Set(made.flatMap((each) => (each.ok ? [] : [each.refusal])))).toEqual(
      new Set(["email-taken"]),
    );
  });

  test("says which of name and address is taken", async () => {
    const [name, email] = [freshName(), freshEmail()];
    must(await create({ name, email }));
    expect(await create({ name: freshName(), email })).toEqual({ ok: false, refusal: "email-taken" });
    expect(await create({ name, email: freshEmail() })).toEqual({ ok: false, refusal: "name-taken" });
  });

  test("spends one use of an invitation for each account, and none for a refused one", async () => {
    const code = freshName();
    await stores().invitations.add({ code, uses: 2, expiresMs: null, note: "", madeBy: "test" });
    const invitation = invitationHash(code.toUpperCase());
    const taken = freshName();
    await createAccount(stores(), taken);
    expect(await stores().accounts.isInvitation(invitation)).toBe(true);
    expect(await create({ name: taken, invitation })).toEqual({ ok: false, refusal: "name-taken" });
    const made = await Promise.all(
      Array.from({ length: 6 }, () => create({ name: freshName(), invitation })),
    );
    expect(made.filter(({ ok }) => ok)).toHaveLength(2);
    expect(new Set(made.flatMap((each) => (each.ok ? [] : [each.refusal])))).toEqual(
      new Set(["invitation-invalid"]),
    );
    expect(await stores().accounts.isInvitation(invitation)).toBe(false);
  });

  test("refuses an invitation that has ended, or that nobody made", async () => {
    const code = freshName();
    await stores().invitations.add({ code, uses: 1, expiresMs: 1_000, note: "", madeBy: "test" });
    for (const each of [code, "nobody made this"]) {
      const invitation = invitationHash(each);
      expect(await stores().accounts.isInvitation(invitation)).toBe(false);
      expect(await create({ name: freshName(), invitation })).toMatchObject({
        refusal: "invitation-invalid",
      });
    }
  });

  test("knows the addresses from which an account logged in, and nothing of other addresses", async () => {
    const { accounts } = stores();
    const accountId = await createAccount(stores());
    const fence = await raise(stores(), accountId);
    for (const address of ["192.0.2.7", "2001:db8:0:7::/64", "192.0.2.7"]) {
      must(await accounts.noteLogin({ accountId, fence, address }));
      expect(await accounts.hasLoggedInFrom({ accountId, address })).toBe(true);
    }
    for (const address of ["192.0.2.8", "2001:db8:0:8::/64", "memory"]) {
      expect(await accounts.hasLoggedInFrom({ accountId, address })).toBe(false);
    }
    await accounts.forgetPlaces();
    expect(await accounts.hasLoggedInFrom({ accountId, address: "192.0.2.7" })).toBe(true);
  });

  let codesMade = 0;
  async function send(accountId: AccountId, purpose: "confirm" | "reset", email: Email, lifeMs = 60_000) {
    const tokenHash = invitationHash(`${process.pid} ${++codesMade}`);
    const added = await stores().mailTokens.add({ tokenHash, accountId, purpose, email, lifeMs });
    return added.ok ? tokenHash : null;
  }
  async function sent(...of: Parameters<typeof send>): Promise<Uint8Array> {
    const hash = await send(...of);
    if (hash === null) throw new Error("too many");
    return hash;
  }
  const invalid = { ok: false, refusal: "code-invalid" };

  test("a pending address logs in once its code is shown, and the code is valid once", async () => {
    const { accounts, mailTokens } = stores();
    const email = freshEmail();
    const { accountId } = must(await create({ name: freshName(), email, isEmailPending: true }));
    expect(await accounts.findByEmail(email.key)).toBe(null);
    const code = await sent(accountId, "confirm", email);
    expect(await mailTokens.forReset(code)).toBeNull();
    expect(await mailTokens.reset({ tokenHash: code, ...setting(3) })).toEqual(invalid);
    expect(await mailTokens.confirm(code)).toEqual({ ok: true, value: { accountId } });
    expect(await accounts.findByEmail(email.key)).toMatchObject({ accountId, isEmailConfirmed: true });
    expect(await mailTokens.confirm(code)).toEqual(invalid);
  });

  test("of two accounts with the same pending address, the first that confirms it has it", async () => {
    const { accounts, mailTokens } = stores();
    const email = freshEmail();
    const pending = { email, isEmailPending: true };
    const first = must(await create({ name: freshName(), ...pending }));
    const second = must(await create({ name: freshName(), ...pending }));
    const codes = [
      await sent(first.accountId, "confirm", email),
      await sent(second.accountId, "confirm", email),
    ];
    const answers = await Promise.all(codes.map((code) => mailTokens.confirm(code)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answers).toContainEqual({ ok: false, refusal: "email-taken" });
    expect((await accounts.findByEmail(email.key))?.isEmailConfirmed).toBe(true);
  });

  test("a code sets a new password once, and ends the other codes of the account", async () => {
    const { accounts, mailTokens } = stores();
    const email = freshEmail();
    const { accountId } = must(await create({ email }));
    const [code, other] = [await sent(accountId, "reset", email), await sent(accountId, "reset", email)];
    expect(await mailTokens.forReset(code)).toBe(accountId);
    const answers = await Promise.all(
      [2, 3].map((fill) => mailTokens.reset({ tokenHash: code, ...setting(fill) })),
    );
    expect(answers.filter(({ ok }) => ok)).toEqual([{ ok: true, value: { accountId, fence: 0 } }]);
    const found = await accounts.findByEmail(email.key);
    expect(found?.isEmailConfirmed).toBe(true);
    expect(found?.credential.storedKey[0]).not.toBe(1);
    for (const tokenHash of [code, other]) {
      expect(await mailTokens.forReset(tokenHash)).toBeNull();
      expect(await mailTokens.reset({ tokenHash, ...setting(4) })).toEqual(invalid);
    }
  });

  test("a changed password ends codes for a new one", async () => {
    const { accounts, mailTokens } = stores();
    const email = freshEmail();
    const { accountId } = must(await create({ email }));
    const code = await sent(accountId, "reset", email);
    const change = { accountId, replaced: credential(1), ...setting(2) };
    must(await accounts.changePassword(change));
    expect(await accounts.changePassword(change)).toMatchObject({ refusal: "credential-changed" });
    expect(await mailTokens.forReset(code)).toBeNull();
    expect(await mailTokens.reset({ tokenHash: code, ...setting(3) })).toEqual(invalid);
  });

  test.each(["the old one", "a code"])("a new password by %s tells which logins are older", async (by) => {
    const { accounts, mailTokens } = stores();
    const email = freshEmail();
    const { accountId } = must(await create({ email }));
    const set = async (fill: number, endsLogins: boolean) => {
      const replaced = (await accounts.findByEmail(email.key))!.credential;
      const of = { credential: credential(fill), endsLogins };
      const changed =
        by === "a code"
          ? await mailTokens.reset({ tokenHash: await sent(accountId, "reset", email), ...of })
          : await accounts.changePassword({ accountId, replaced, ...of });
      return must(changed).fence;
    };
    const login = await raise(stores(), accountId);
    expect(await set(2, false)).toBe(login);
    const ended = await set(3, true);
    expect(ended).toBe(login + 1);
    expect((await accounts.findByEmail(email.key))?.fence).toBe(ended);
    expect(await raise(stores(), accountId)).toBe(ended + 1);
    // As a server asks that lost the answer.
    expect(await accounts.passwordFence({ accountId, credential: credential(3) })).toEqual({ fence: ended });
    expect(await accounts.passwordFence({ accountId, credential: credential(2) })).toBeNull();
  });

  test("an account has three valid codes of each kind at most, and codes end", async () => {
    const { mailTokens } = stores();
    const email = freshEmail();
    const { accountId } = must(await create({ email }));
    expect(await send(accountId, "reset", email, 0)).not.toBe(null);
    const codes = [];
    for (let count = 0; count < 4; count += 1) codes.push(await send(accountId, "reset", email));
    expect(codes.map((code) => code !== null)).toEqual([true, true, true, false]);
    expect(await send(accountId, "confirm", email)).not.toBe(null);
    const ended = await sent((await made()).accountId, "reset", email, 0);
    expect(await mailTokens.forReset(ended)).toBeNull();
    await mailTokens.forgetExpired();
    expect(await mailTokens.reset({ tokenHash: ended, ...setting(1) })).toEqual(invalid);
  });
  const made = async () => must(await create({ email: freshEmail() }));
}

const setting = (fill: number) => ({ credential: credential(fill), endsLogins: false });

function emailOf(typed: string): Email {
  const email = readEmail(typed);
  if (email === null) throw new Error(`${typed} is no e-mail address`);
  return email;
}
