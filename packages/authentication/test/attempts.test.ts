import { randomBytes } from "node:crypto";
import { refused, Unavailable } from "@sallyport/domain";
import { must, settled, until } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import {
  type Asker,
  type AttemptBounds,
  type AttemptLimits,
  Authentication,
  authMessage,
  clientProof,
  createPasswordHasher,
  defaultAttemptBounds,
  defaultAuthenticationSettings,
  defaultHashParameters,
  type RegisteredAccounts,
  unlimited,
} from "../src/index.ts";
import { KeptAccounts } from "./kept-accounts.ts";
import { limitedBy } from "./map-counts.ts";

const cheap = { memoryKib: 8, iterations: 1, parallelism: 1 };
const alice = { name: "Alice", password: "correct horse" };
const wrong = { ...alice, password: "wrong horse" };
const unknown = { ...alice, name: "Mallory" };
const clientNonce = new Uint8Array(32).fill(7);

let kept: KeptAccounts;
let accounts: RegisteredAccounts;
/** The number of names that were looked up. */
let lookUps: number;
let nowMs: number;
let askers: number;

const authenticationWith = (hasher = createPasswordHasher({ parameters: cheap })): Authentication =>
  new Authentication({
    ...{ accounts, hasher },
    clusterSecret: new Uint8Array(32),
    randomBytes: (count) => randomBytes(count),
    nowMs: () => nowMs,
    wallMs: () => nowMs,
    settings: defaultAuthenticationSettings,
  });

/** Returns a client with a new address. */
const somebody = (limits: AttemptLimits = unlimited): Asker => {
  askers += 1;
  return { address: `address ${askers}`, gone: new AbortController().signal, limits };
};

const limited = (some: Partial<AttemptBounds> = {}) => limitedBy(some, () => nowMs);

async function proveAs(authentication: Authentication, name: string, password: string, asker: Asker) {
  const { offer, challenge } = must(await authentication.challenge(name, asker));
  const hasher = createPasswordHasher();
  const salted = must(await hasher.hash({ password, salt: offer.salt, parameters: offer }));
  const proof = clientProof(salted, authMessage({ name, clientNonce, ...offer }));
  return authentication.byProof(challenge, { proof, clientNonce }, asker);
}

beforeEach(async () => {
  [lookUps, nowMs, askers] = [0, 1_000, 0];
  kept = new KeptAccounts();
  accounts = Object.assign(Object.create(kept) as RegisteredAccounts, {
    findByName: async (name: string) => {
      lookUps += 1;
      return kept.findByName(name);
    },
  });
  must(await authenticationWith().register({ ...alice, sex: "female" }, somebody()));
});

describe("without settings, an address", () => {
  test("may create three accounts in a day", async () => {
    const { limits } = limited();
    const settler = somebody(limits);
    for (let nth = 1; nth <= 3; nth += 1) {
      const begun = await limits.beginRegistration(settler);
      if (!begun.ok) throw new Error(begun.refusal);
      begun.end("right");
    }
    const tooMany = { refusal: "too-many-accounts", waitMs: 86_400_000 };
    expect(await limits.beginRegistration(settler)).toMatchObject(tooMany);
    nowMs += 86_400_000;
    expect((await limits.beginRegistration(settler)).ok).toBe(true);
  });

  /** Guesses at names that nobody guessed at before. True: the guess was allowed. */
  async function guesses(limits: AttemptLimits, guesser: Asker): Promise<boolean> {
    lookUps += 1;
    const begun = await limits.begin(`name ${lookUps}`, guesser, async () => false);
    if (!begun.ok) return false;
    begun.end("wrong");
    await settled();
    return true;
  }

  test("may guess five times in a minute, and is banned by the twentieth guess of an hour", async () => {
    const { limits, bans } = limited();
    const guesser = somebody(limits);
    for (let minute = 1; minute <= 4; minute += 1) {
      expect(bans).toEqual([]);
      for (let nth = 1; nth <= 5; nth += 1) expect(await guesses(limits, guesser)).toBe(true);
      expect(await guesses(limits, guesser)).toBe(false);
      nowMs += 60_000;
    }
    expect(bans).toEqual([`${guesser.address} after 20`]);
    expect(defaultAttemptBounds.banMs).toBe(3_600_000);
  });

  test("is not banned for the guesses of the hour before", async () => {
    const { limits, bans } = limited();
    const guesser = somebody(limits);
    for (let nth = 1; nth <= 19; nth += 1) {
      nowMs += 60_000;
      expect(await guesses(limits, guesser)).toBe(true);
    }
    nowMs += 3_600_000 - 18 * 60_000;
    expect(await guesses(limits, guesser)).toBe(true);
    expect(bans).toEqual([]);
  });
});

describe("too many wrong passwords", () => {
  test("are answered with the time to wait and without any work, raw or by proof", async () => {
    const authentication = authenticationWith();
    const guesser = somebody(limited({ attemptsPerAddress: 3 }).limits);
    for (let guess = 1; guess <= 2; guess += 1) await authentication.byPassword(wrong, guesser);
    await proveAs(authentication, wrong.name, wrong.password, guesser);

    const held = refused("too-many-attempts", 60_000);
    lookUps = 0;
    expect(await authentication.byPassword(alice, guesser)).toEqual(held);
    expect(lookUps).toBe(0);
    expect(await proveAs(authentication, alice.name, alice.password, guesser)).toEqual(held);
    nowMs += 60_000;
    expect(await authentication.byPassword(alice, guesser)).toMatchObject({ ok: true });
  });

  test("for one name make strangers wait longer after each failure, whether the name exists or not", async () => {
    const authentication = authenticationWith();
    const { limits } = limited({ failuresPerName: 3, failureWaitMaxMs: 8_000 });
    for (const login of [wrong, unknown]) {
      const waits: number[] = [];
      for (let guess = 1; guess <= 8; guess += 1) {
        const answer = await authentication.byPassword(login, somebody(limits));
        if (answer.ok) throw new Error("guessed");
        if (answer.refusal === "wrong-name-or-password") waits.push(0);
        else {
          waits.push(answer.retryAfterMs ?? 0);
          nowMs += answer.retryAfterMs ?? 0;
          expect(await authentication.byPassword(login, somebody(limits))).toMatchObject({
            refusal: "wrong-name-or-password",
          });
        }
      }
      expect(waits).toEqual([0, 0, 0, 1_000, 2_000, 4_000, 8_000, 8_000]);
    }
  });

  test("for one name do not hold an address from which the account logged in, for the name and the e-mail address", async () => {
    const authentication = authenticationWith();
    const { limits } = limited({ failuresPerName: 2 });
    const email = "Erin@Example.org";
    const made = must(
      await authentication.register(
        { name: "erin", email, password: alice.password, sex: "female" },
        somebody(),
      ),
    );
    const home = somebody(limits);
    kept.places.set(made.accountId, home.address);
    for (const name of ["erin", email]) {
      for (let guess = 1; guess <= 2; guess += 1)
        await authentication.byPassword({ name, password: wrong.password }, somebody(limits));
      const login = { name: name.toUpperCase(), password: alice.password };
      expect(await authentication.byPassword(login, somebody(limits))).toEqual(
        refused("too-many-attempts", 1_000),
      );
      expect(await authentication.byPassword(login, home)).toMatchObject({ ok: true });
    }
  });

  test("do not include attempts that the hasher was too busy for, or whose client left", async () => {
    const hasher = createPasswordHasher({ parameters: defaultHashParameters, concurrency: 1, queueMax: 0 });
    const authentication = authenticationWith(hasher);
    const asker = somebody(limited({ attemptsPerAddress: 1, failuresPerName: 1 }).limits);
    const first = authentication.byPassword(alice, somebody());
    for (let ask = 1; ask <= 5; ask += 1) {
      const answer = await authentication.byPassword(alice, asker);
      expect(answer).toEqual({ ok: false, refusal: "busy", retryAfterMs: expect.any(Number) });
    }
    await first;
    expect(await authentication.byPassword(alice, asker)).toMatchObject({ ok: true });
  });
});

test("a right password is counted in one request to the store, and taken back without waiting", async () => {
  const authentication = authenticationWith();
  const { limits, store } = limited();
  let answer = (): void => {};
  store.answering = new Promise((resolve) => {
    answer = resolve;
  });
  const login = authentication.byPassword(alice, somebody(limits));
  await until(() => store.said.length === 2, { what: "both counts are asked for before one is answered" });
  answer();
  await until(() => store.said.length === 4, { what: "both are taken back" });
  expect(await login).toMatchObject({ ok: true });
  expect(store.said).toEqual(["addresses 1", "names 1", "addresses -1", "names -1"]);
});

test("logins that the database did not answer do not hold back later logins from their address", async () => {
  const store = accounts;
  let isAway = true;
  accounts = Object.assign(Object.create(store) as RegisteredAccounts, {
    findByName: async (name: string) => {
      if (isAway) throw new Unavailable("no database");
      return store.findByName(name);
    },
  });
  const authentication = authenticationWith();
  // With such a fault, the next login would wait for its turn for ever.
  const gone = AbortSignal.timeout(5_000);
  const asker = { ...somebody(limited({ attemptsPerAddress: 1 }).limits), gone };
  for (let login = 1; login <= 10; login += 1)
    await expect(authentication.byPassword(alice, asker)).rejects.toThrow(Unavailable);
  isAway = false;
  expect(await authentication.byPassword(alice, asker)).toMatchObject({ ok: true });
});

test("an address creates as many accounts as it may, and names that are taken count as failures", async () => {
  const authentication = authenticationWith();
  const { limits } = limited({ registrationsPerAddress: 2, attemptsPerAddress: 3 });
  const asker = somebody(limits);
  const register = (name: string) =>
    authentication.register({ name, password: "correct horse", sex: "male" }, asker);
  expect(await register("no")).toEqual(refused("name-invalid"));
  expect(await register("first")).toMatchObject({ ok: true });
  expect(await register("second")).toMatchObject({ ok: true });
  lookUps = 0;
  expect(await register("third")).toEqual(refused("too-many-accounts", 86_400_000));
  expect(lookUps).toBe(0);
  const prober = somebody(limits);
  const probe = () => authentication.register({ ...alice, sex: "male" }, prober);
  for (let guess = 1; guess <= 3; guess += 1) expect(await probe()).toEqual(refused("name-taken"));
  expect(await probe()).toEqual(refused("too-many-attempts", 60_000));
});

test("a client that asks for very many salts without a proof is told to come later, and no name is looked up", async () => {
  const authentication = authenticationWith();
  const { limits } = limited({ offersPerAddress: 20 });
  const prober = somebody(limits);
  for (let question = 1; question <= 20; question += 1)
    must(await authentication.challenge(`name${question}`, prober));
  lookUps = 0;
  expect(await authentication.challenge(alice.name, prober)).toEqual(refused("too-many-attempts", 900_000));
  expect(lookUps).toBe(0);
  expect(await proveAs(authentication, alice.name, alice.password, somebody(limits))).toMatchObject({
    ok: true,
  });
});

test("a client that proves its password for each salt may ask without limit", async () => {
  const authentication = authenticationWith();
  const player = somebody(limited({ offersPerAddress: 2 }).limits);
  for (let login = 1; login <= 12; login += 1)
    expect(await proveAs(authentication, alice.name, alice.password, player)).toMatchObject({ ok: true });
});
