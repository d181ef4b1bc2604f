import { randomBytes } from "node:crypto";
import { refused, Unavailable } from "@sallyport/domain";
import { beforeEach, describe, expect, test } from "vitest";
import {
  type Asker,
  Authentication,
  type AuthenticationSettings,
  authMessage,
  clientProof,
  createPasswordHasher,
  defaultAuthenticationSettings,
  invitationHash,
  MailedCodes,
  type MailTokens,
  unlimited,
} from "../src/index.ts";
import { KeptAccounts } from "./kept-accounts.ts";
import { limitedBy } from "./map-counts.ts";

const parameters = { memoryKib: 8, iterations: 1, parallelism: 1 };
const hasher = createPasswordHasher({ parameters });
const password = "correct horse";
const ann = { name: "Ann", email: "Ann@Example.org", password, sex: "female" } as const;
const asker: Asker = { address: "192.0.2.1", gone: new AbortController().signal, limits: unlimited };
const newPassword = "battery staple";

let accounts: KeptAccounts;
beforeEach(() => {
  accounts = new KeptAccounts();
});

const loginServer = (settings: Partial<AuthenticationSettings> = {}): Authentication =>
  new Authentication({
    ...{ accounts, hasher, clusterSecret: new Uint8Array(32) },
    randomBytes: (count) => randomBytes(count),
    nowMs: () => 0,
    wallMs: () => 0,
    settings: { ...defaultAuthenticationSettings, ...settings },
  });

describe("an account with a name and an e-mail address", () => {
  test("logs in with either, in any case, as one account", async () => {
    const server = loginServer();
    const made = await server.register(ann, asker);
    expect(made).toMatchObject({ value: { email: { key: "ann@example.org" } } });
    for (const name of ["ann", "ANN", "ann@example.org", "ANN@EXAMPLE.ORG"]) {
      const accountId = made.ok && made.value.accountId;
      expect(await server.byPassword({ name, password }, asker)).toMatchObject({ value: { accountId } });
    }
    for (const name of ["bob@example.org", "ann@", "@"]) {
      expect(await server.byPassword({ name, password }, asker)).toEqual(refused("wrong-name-or-password"));
    }
  });

  test("does not show by its salt that the two belong together", async () => {
    const server = loginServer();
    await server.register(ann, asker);
    const salts = await Promise.all(
      ["ann", "ann@example.org", "bob@example.org"].map(async (name) => {
        const offered = await server.challenge(name, asker);
        return offered.ok && Buffer.from(offered.value.offer.salt).toString("hex");
      }),
    );
    expect(new Set(salts).size).toBe(3);
  });

  test("does not log in by a proof of its e-mail address", async () => {
    const server = loginServer();
    await server.register(ann, asker);
    const offered = await server.challenge(ann.email, asker);
    if (!offered.ok) throw new Error(offered.refusal);
    const { offer, challenge } = offered.value;
    const salted = await hasher.hash({ password, salt: offer.salt, parameters: offer });
    if (!salted.ok) throw new Error(salted.refusal);
    const clientNonce = new Uint8Array(32);
    const proof = clientProof(salted.value, authMessage({ name: ann.email, clientNonce, ...offer }));
    expect(await server.byProof(challenge, { proof, clientNonce }, asker)).toEqual(
      refused("wrong-name-or-password"),
    );
  });
});

describe("registration", () => {
  test("says which of name and address is taken", async () => {
    const server = loginServer();
    await server.register(ann, asker);
    const other = { ...ann, name: "Bob" };
    expect(await server.register({ ...ann, email: "b@example.org" }, asker)).toEqual(refused("name-taken"));
    expect(await server.register(other, asker)).toEqual(refused("email-taken"));
  });

  test("does not say whether an address is taken that has to be confirmed", async () => {
    const server = loginServer({ isConfirmationRequired: true });
    await server.register(ann, asker);
    expect(await server.register({ ...ann, name: "Bob" }, asker)).toMatchObject({ ok: true });
  });

  test("needs a valid invitation code where it is by invitation, before anything is hashed", async () => {
    accounts.invitations.push(invitationHash("WELCOME1"));
    const server = loginServer({ registrationMode: "invitation" });
    expect(await server.register(ann, asker)).toEqual(refused("invitation-invalid"));
    expect(await server.register({ ...ann, invitation: "welcome2" }, asker)).toEqual(
      refused("invitation-invalid"),
    );
    expect(await server.register({ ...ann, invitation: "wel-come-1" }, asker)).toMatchObject({ ok: true });
  });
});

test("nobody logs in before the address is confirmed, if it has to be, and only the owner is told so", async () => {
  const server = loginServer({ isConfirmationRequired: true });
  await server.register(ann, asker);
  const login = { name: ann.name, password };
  expect(await server.byPassword(login, asker)).toEqual(refused("email-unconfirmed"));
  expect(await server.byPassword({ ...login, password: "wrong" }, asker)).toEqual(
    refused("wrong-name-or-password"),
  );
  expect(await loginServer().byPassword(login, asker)).toMatchObject({ ok: true });
});

test("a name that was imported against the rules for new names logs in", async () => {
  const hashed = await hasher.createCredential(password);
  if (!hashed.ok) throw new Error(hashed.refusal);
  for (const name of ["x", "Jean-Luc Picard", "a".repeat(23), "Zo\u00eb"]) {
    await accounts.create({ name, sex: "male", credential: hashed.value });
    expect(await loginServer().byPassword({ name, password }, asker)).toMatchObject({ ok: true });
  }
  for (const name of ["", "a\0b", "a".repeat(65)])
    expect(await loginServer().byPassword({ name, password }, asker)).toMatchObject({ ok: false });
});

describe("a changed password", () => {
  test("ends remembered logins with the old one on every login-server", async () => {
    const [here, there] = [loginServer(), loginServer()];
    await here.register(ann, asker);
    const login = { name: ann.name, password };
    for (const server of [here, there])
      expect(await server.byPassword(login, asker)).toMatchObject({ ok: true });
    expect(await here.changePassword({ ...login, newPassword, endsLogins: false }, asker)).toMatchObject({
      ok: true,
    });
    for (const server of [here, there]) {
      expect(await server.byPassword(login, asker)).toEqual(refused("wrong-name-or-password"));
      expect(await server.byPassword({ ...login, password: newPassword }, asker)).toMatchObject({ ok: true });
    }
  });

  test("needs the old one, and counts as a login", async () => {
    const server = loginServer();
    await server.register(ann, asker);
    const guesser = { ...asker, limits: limitedBy({ attemptsPerAddress: 2 }, () => 0).limits };
    const guess = { name: ann.name, password: "wrong horse", newPassword, endsLogins: false };
    expect(await server.changePassword({ ...guess, newPassword: "short" }, guesser)).toEqual(
      refused("password-invalid"),
    );
    for (let count = 1; count <= 2; count += 1)
      expect(await server.changePassword(guess, guesser)).toEqual(refused("wrong-name-or-password"));
    expect(await server.changePassword({ ...guess, password }, guesser)).toMatchObject({
      refusal: "too-many-attempts",
    });
  });

  test("is answered as set if only the answer of the store was lost, and not if it is not set", async () => {
    const server = loginServer();
    await server.register(ann, asker);
    const { changePassword } = accounts;
    const lost = () => Promise.reject(new Unavailable("no answer"));
    accounts.changePassword = lost;
    const change = { name: ann.name, password, newPassword, endsLogins: true };
    await expect(server.changePassword(change, asker)).rejects.toThrow(Unavailable);
    accounts.changePassword = async (of) => {
      await changePassword(of);
      accounts.logIn(ann.name);
      return lost();
    };
    // A login that came before the answer is newer than the password.
    expect(await server.changePassword(change, asker)).toMatchObject({ ok: true, value: { fence: 1 } });
    expect(await server.byPassword({ name: ann.name, password: newPassword }, asker)).toMatchObject({
      ...{ ok: true, value: { fence: 2 } },
    });
  });

  test("that a code sets is answered as set if only the answer of the store was lost", async () => {
    const server = loginServer();
    await server.register(ann, asker);
    const { accountId, credential: replaced } = (await accounts.findByName(ann.name))!;
    let isSet = false;
    const tokens = {
      forReset: async () => accountId,
      async reset({ tokenHash: _, ...set }: Parameters<MailTokens["reset"]>[0]) {
        if (isSet) await accounts.changePassword({ accountId, replaced, ...set });
        if (isSet) accounts.logIn(ann.name);
        throw new Unavailable("no answer");
      },
    } as unknown as MailTokens;
    const observer = { sent() {}, failed() {}, leftOut() {} };
    const codes = new MailedCodes({ accounts, tokens, hasher, randomBytes, send: null, observer });
    const shown = { code: "code", newPassword, endsLogins: true };
    await expect(codes.reset(shown, asker)).rejects.toThrow(Unavailable);
    isSet = true;
    expect(await codes.reset(shown, asker)).toEqual({ ok: true, value: { accountId, fence: 1 } });
  });

  test("follows a credential that was renewed with the same login", async () => {
    await loginServer().register(ann, asker);
    const slower = createPasswordHasher({ parameters: { ...parameters, memoryKib: 16 } });
    const server = new Authentication({
      ...{ accounts, hasher: slower, clusterSecret: new Uint8Array(32) },
      randomBytes: (count) => randomBytes(count),
      nowMs: () => 0,
      wallMs: () => 0,
      settings: defaultAuthenticationSettings,
    });
    const changed = await server.changePassword(
      { name: ann.name, password, newPassword, endsLogins: false },
      asker,
    );
    expect(changed).toMatchObject({ ok: true });
    expect(await server.byPassword({ name: ann.name, password: newPassword }, asker)).toMatchObject({
      ok: true,
    });
  });
});
