import { defaultAuthenticationSettings } from "@sallyport/authentication";
import type { AccountId, SaltOffer } from "@sallyport/domain";
import { deriveLoginKeys, type LoginConnection, prove, sameBytes } from "@sallyport/sdk";
import { must, until } from "@sallyport/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type TestAccount, TestCluster } from "../cluster/test-cluster.ts";
import { Doors } from "./doors.ts";

/* Tests the check of passwords: steps 1 to 3.a of the login-server in `docs/user-authentication.md`. */

let cluster: TestCluster;
let doors: Doors;
let account: TestAccount;
let open: LoginConnection[] = [];
beforeAll(async () => {
  cluster = await TestCluster.start({ mapServers: [] });
  doors = new Doors(cluster);
});
// Servers slow down repeated guesses under one name, so each test uses its own name.
beforeEach(async () => {
  account = await cluster.account();
});
afterAll(async () => {
  for (const login of open) login.close();
  await cluster.stop();
});

async function atLogin(): Promise<LoginConnection> {
  const login = await doors.login();
  open = [...open, login];
  return login;
}

async function idOf(name: string): Promise<AccountId> {
  const found = await cluster.accounts.findByName(name);
  if (found === null) throw new Error(`${name} has no account`);
  return found.accountId;
}

async function saltFor(name: string, at?: LoginConnection): Promise<SaltOffer> {
  return must(await (at ?? (await atLogin())).ask({ type: "login.salt", name }));
}

const clientNonce = new Uint8Array(32).fill(7);

/** Computes the proof from the password that the client believes in. */
async function proofOf({ name, password }: TestAccount, offer: SaltOffer) {
  return prove(await deriveLoginKeys(password, offer), name, offer, clientNonce);
}

describe("a client that sends its password", () => {
  test("is logged in if the password is right", async () => {
    const login = await atLogin();
    const answer = await login.ask({ type: "login.password", ...account });
    expect(must(answer).accountId).toBeGreaterThan(0);
  });

  test("is logged in with its name in any case", async () => {
    const login = await atLogin();
    const name = account.name.toUpperCase();
    expect(await login.ask({ type: "login.password", ...account, name })).toMatchObject({ ok: true });
  });

  test.each(["correct Horse", "correct horse ", "correct", ""])(
    "is rejected if the password is wrong: %j",
    async (password) => {
      const login = await atLogin();
      const answer = await login.ask({ type: "login.password", ...account, password });
      expect(answer).toEqual({ ok: false, refusal: "wrong-name-or-password" });
    },
  );

  test("is rejected with the same answer if the name is unknown", async () => {
    const login = await atLogin();
    const answer = await login.ask({ type: "login.password", ...account, name: "nobody_at_all" });
    expect(answer).toEqual({ ok: false, refusal: "wrong-name-or-password" });
  });

  test("may try again on the same connection", async () => {
    const login = await atLogin();
    await login.ask({ type: "login.password", ...account, password: "not this one" });
    expect(await login.ask({ type: "login.password", ...account })).toMatchObject({ ok: true });
  });

  test("gets no lock if it is rejected", async () => {
    const other = await cluster.account();
    const accountId = await idOf(other.name);
    const login = await atLogin();
    await login.ask({ type: "login.password", ...other, password: "not this one" });
    expect(await cluster.accountLock({ accountId })).toBeNull();
  });
});

describe("a client that sends a proof instead", () => {
  test("is logged in if it knows the password, and learns that the server knows the account", async () => {
    const login = await atLogin();
    const { proof, serverSignature } = await proofOf(account, await saltFor(account.name, login));
    const answer = must(await login.ask({ type: "login.prove", name: account.name, proof, clientNonce }));
    expect(sameBytes(answer.serverSignature, serverSignature)).toBe(true);
    expect(answer.accountId).toBeGreaterThan(0);
  });

  test("is rejected if it does not know the password", async () => {
    const login = await atLogin();
    const { proof } = await proofOf(
      { ...account, password: "not this one" },
      await saltFor(account.name, login),
    );
    const answer = await login.ask({ type: "login.prove", name: account.name, proof, clientNonce });
    expect(answer).toEqual({ ok: false, refusal: "wrong-name-or-password" });
  });

  test("is rejected with the same answer if the name is unknown", async () => {
    const nobody = { ...account, name: "nobody_at_all" };
    const login = await atLogin();
    const { proof } = await proofOf(nobody, await saltFor(nobody.name, login));
    const answer = await login.ask({ type: "login.prove", name: nobody.name, proof, clientNonce });
    expect(answer).toEqual({ ok: false, refusal: "wrong-name-or-password" });
  });

  test("must ask for salt first", async () => {
    const login = await atLogin();
    const proof = new Uint8Array(32);
    const answer = await login.ask({ type: "login.prove", name: account.name, proof, clientNonce });
    expect(answer).toEqual({ ok: false, refusal: "out-of-order" });
  });

  test("cannot use a proof twice", async () => {
    const login = await atLogin();
    const { proof } = await proofOf(account, await saltFor(account.name, login));
    must(await login.ask({ type: "login.prove", name: account.name, proof, clientNonce }));
    const again = await login.ask({ type: "login.prove", name: account.name, proof, clientNonce });
    expect(again).toEqual({ ok: false, refusal: "out-of-order" });
  });

  test("has one try for each salt that it asked for", async () => {
    const login = await atLogin();
    const { proof } = await proofOf(account, await saltFor(account.name, login));
    await login.ask({ type: "login.prove", name: account.name, proof: new Uint8Array(32), clientNonce });
    const again = await login.ask({ type: "login.prove", name: account.name, proof, clientNonce });
    expect(again).toEqual({ ok: false, refusal: "out-of-order" });
  });

  test("cannot log in under a name other than the one that it asked salt for", async () => {
    const other = await cluster.account();
    const login = await atLogin();
    const { proof } = await proofOf(account, await saltFor(account.name, login));
    const answer = await login.ask({ type: "login.prove", name: other.name, proof, clientNonce });
    expect(answer).toEqual({ ok: false, refusal: "out-of-order" });
  });

  test("cannot use a proof on another connection than it was made for", async () => {
    const [one, two] = [await atLogin(), await atLogin()];
    const { proof } = await proofOf(account, await saltFor(account.name, one));
    await saltFor(account.name, two);
    const answer = await two.ask({ type: "login.prove", name: account.name, proof, clientNonce });
    expect(answer).toEqual({ ok: false, refusal: "wrong-name-or-password" });
  });

  test("cannot use a proof over an offer that a newer one replaced", async () => {
    const login = await atLogin();
    const { proof } = await proofOf(account, await saltFor(account.name, login));
    await saltFor(account.name, login);
    const answer = await login.ask({ type: "login.prove", name: account.name, proof, clientNonce });
    expect(answer).toEqual({ ok: false, refusal: "wrong-name-or-password" });
  });
});

describe("salt", () => {
  const withoutNonce = ({ nonce: _, ...rest }: SaltOffer) => rest;

  test("is always the same for a name in any case, and the nonce is always new", async () => {
    const offers = [
      await saltFor(account.name),
      await saltFor(account.name),
      await saltFor(account.name.toUpperCase()),
    ];
    const [first] = offers.map(withoutNonce);
    expect(offers.map(withoutNonce)).toEqual([first, first, first]);
    expect(new Set(offers.map(({ nonce }) => nonce.toString())).size).toBe(3);
  });

  test("is given for unknown names exactly as for known ones", async () => {
    const real = await saltFor(account.name);
    const nobodys = [
      await saltFor("nobody_at_all"),
      await saltFor("nobody_at_all"),
      await saltFor("NOBODY_at_all"),
    ];
    const [first] = nobodys.map(withoutNonce);
    expect(nobodys.map(withoutNonce)).toEqual([first, first, first]);
    expect({ ...first, salt: null }).toEqual({ ...withoutNonce(real), salt: null });
    expect(first?.salt.length).toBe(real.salt.length);
    expect(first?.salt).not.toEqual((await saltFor("somebody_else")).salt);
  });

  test("is also given for names that no account can have", async () => {
    const real = await saltFor(account.name);
    expect((await saltFor("x y")).salt.length).toBe(real.salt.length);
  });
});

describe("a banned account", () => {
  test("is rejected as banned, by password and by proof, if the password is right", async () => {
    const banned = await cluster.account();
    await cluster.accounts.setBan({ accountId: await idOf(banned.name), untilMs: Date.now() + 3_600_000 });
    const login = await atLogin();
    const answer = await login.ask({ type: "login.password", ...banned });
    expect(answer).toMatchObject({ ok: false, refusal: "banned", retryAfterMs: expect.any(Number) });
    const { proof } = await proofOf(banned, await saltFor(banned.name, login));
    const proven = await login.ask({ type: "login.prove", name: banned.name, proof, clientNonce });
    expect(proven).toMatchObject({ ok: false, refusal: "banned", retryAfterMs: expect.any(Number) });
    const guessed = await login.ask({ type: "login.password", ...banned, password: "not this one" });
    expect(guessed).toEqual({ ok: false, refusal: "wrong-name-or-password" });
  });

  test.each([
    ["without end", "'infinity'", undefined],
    ["for years", "now() + interval '90 days'", expect.any(Number)],
  ])("%s is told so, and a request for its salt is answered", async (kind, until, retryAfterMs) => {
    const banned = await cluster.account();
    const text = `UPDATE accounts SET banned_until = ${until} WHERE name = $1`;
    await cluster.database.query({ name: `test-ban-${kind}`, text }, [banned.name]);
    const login = await atLogin();
    expect(await saltFor(banned.name, login)).toMatchObject({ salt: expect.anything() });
    const answer = await login.ask({ type: "login.password", ...banned });
    expect(answer).toEqual({ ok: false, refusal: "banned", ...(retryAfterMs && { retryAfterMs }) });
    if (!answer.ok && answer.retryAfterMs !== undefined) {
      expect(answer.retryAfterMs).toBeGreaterThan(89 * 86_400_000);
    }
  });

  test("is admitted when the ban is over or lifted", async () => {
    const banned = await cluster.account();
    const login = await atLogin();
    await cluster.accounts.setBan({ accountId: await idOf(banned.name), untilMs: Date.now() - 1 });
    expect(await login.ask({ type: "login.password", ...banned })).toMatchObject({ ok: true });
    await cluster.accounts.setBan({ accountId: await idOf(banned.name), untilMs: Date.now() + 3_600_000 });
    await cluster.accounts.setBan({ accountId: await idOf(banned.name), untilMs: null });
    expect(await login.ask({ type: "login.password", ...banned })).toMatchObject({ ok: true });
  });
});

describe("registration", () => {
  const password = "correct horse";
  const register = async (name: string, chosen = password) =>
    (await atLogin()).ask({
      type: "login.register",
      name,
      password: chosen,
      sex: "male",
      email: null,
      invitation: null,
    });

  test.each(["abc", "A_b_9", "x".repeat(20), "___"])("accepts the name %s", async (name) => {
    expect(await register(name)).toMatchObject({ ok: true });
    expect(await doors.logIn({ name, password })).toMatchObject({ ok: true, value: { sex: "male" } });
  });

  test.each(["", "ab", "x".repeat(21), "a b", "a-b", "Ünal", "abc\n", "ａｂｃ"])(
    "refuses the name %j",
    async (name) => {
      expect(await register(name)).toEqual({ ok: false, refusal: "name-invalid" });
    },
  );

  test("accepts each name once, in any case", async () => {
    must(await register("Only_Once"));
    expect(await register("only_ONCE")).toEqual({ ok: false, refusal: "name-taken" });
  });

  test("accepts a name once if two clients ask for it at the same time", async () => {
    const answers = await Promise.all([register("Both_want_it"), register("both_want_it")]);
    expect(answers.map((answer) => (answer.ok ? "made" : answer.refusal)).sort()).toEqual([
      "made",
      "name-taken",
    ]);
  });

  test("accepts passwords of any 6 to 128 characters", async () => {
    expect(await register("bounds_1", "12345")).toEqual({ ok: false, refusal: "password-invalid" });
    expect(await register("bounds_2", "x".repeat(129))).toEqual({ ok: false, refusal: "password-invalid" });
    const longest = "🐎".repeat(128);
    for (const [name, chosen] of [
      ["bounds_3", "123456"],
      ["bounds_4", longest],
    ] as const) {
      must(await register(name, chosen));
      expect(await doors.logIn({ name, password: chosen })).toMatchObject({ ok: true });
    }
  });

  test("can be closed", async () => {
    const closed = await TestCluster.start({
      login: { authentication: { ...defaultAuthenticationSettings, registrationMode: "closed" } },
      mapServers: [],
      database: cluster.testDatabase,
    });
    const login = await new Doors(closed).login();
    const answer = await login.ask({
      type: "login.register",
      name: "too_late",
      password,
      sex: "male",
      email: null,
      invitation: null,
    });
    expect(answer).toEqual({ ok: false, refusal: "registration-closed" });
    login.close();
    await until(() => closed.login.clientCount === 0, { what: "the client is gone" });
    await closed.stop();
  });
});
