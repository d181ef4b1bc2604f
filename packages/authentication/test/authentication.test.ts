import { randomBytes } from "node:crypto";
import { accepted, bannedName, refused, refusedWith, unknownName } from "@sallyport/domain";
import { until } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import {
  type Asker,
  Authentication,
  type AuthenticationSettings,
  authMessage,
  clientProof,
  createPasswordHasher,
  defaultAuthenticationSettings,
  type HashParameters,
  type PasswordHasher,
  type RegisteredAccounts,
  unlimited,
} from "../src/index.ts";
import { KeptAccounts } from "./kept-accounts.ts";

const cheap = { memoryKib: 8, iterations: 1, parallelism: 1 };
const older = { memoryKib: 16, iterations: 1, parallelism: 1 };
const alice = { name: "Alice", password: "correct horse" };
const wrong = { ...alice, password: "wrong horse" };
const unknown = { ...alice, name: "Mallory" };

let kept: KeptAccounts;
let accounts: RegisteredAccounts;
/** This list has the names of all requests to the store and the hasher, in their order. */
let work: string[];
let nowMs: number;
let askers: number;

const describeParameters = ({ memoryKib }: HashParameters): string => `hash ${memoryKib}`;

function watched(hasher: PasswordHasher): PasswordHasher {
  return {
    ...hasher,
    hash: (request) => {
      work.push(describeParameters(request.parameters ?? hasher.parameters));
      return hasher.hash(request);
    },
    createCredential: (password, asker) => {
      work.push(`new ${describeParameters(hasher.parameters)}`);
      return hasher.createCredential(password, asker);
    },
  };
}

function watchedStore(store: RegisteredAccounts): RegisteredAccounts {
  return new Proxy(store, {
    get(target, name, receiver) {
      const method = Reflect.get(target, name, receiver) as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        work.push(String(name));
        return method.apply(target, args);
      };
    },
  });
}

function authenticationWith(
  settings: Partial<AuthenticationSettings> = {},
  hasher = createPasswordHasher({ parameters: cheap }),
): Authentication {
  return new Authentication({
    accounts,
    hasher: watched(hasher),
    clusterSecret: new Uint8Array(32),
    randomBytes: (count) => randomBytes(count),
    nowMs: () => nowMs,
    wallMs: () => nowMs,
    settings: { ...defaultAuthenticationSettings, ...settings },
  });
}

/** Returns a client with a new address. So the failures of this client do not count for the next one. */
const somebody = (): Asker => {
  askers += 1;
  return { address: `address ${askers}`, gone: new AbortController().signal, limits: unlimited };
};

/** Returns the requests to the store and the hasher that `run` causes. */
async function workOf(run: () => Promise<unknown>): Promise<readonly string[]> {
  work = [];
  await run();
  return work;
}

async function challengeOf(authentication: Authentication, name: string, asker = somebody()) {
  const offered = await authentication.challenge(name, asker);
  if (!offered.ok) throw new Error(offered.refusal);
  return offered.value;
}

const clientNonce = new Uint8Array(32).fill(7);

async function proveAs(authentication: Authentication, name: string, password: string, asker = somebody()) {
  const { offer, challenge } = await challengeOf(authentication, name, asker);
  const salted = await createPasswordHasher().hash({ password, salt: offer.salt, parameters: offer });
  if (!salted.ok) throw new Error(salted.refusal);
  const proof = clientProof(salted.value, authMessage({ name, clientNonce, ...offer }));
  return authentication.byProof(challenge, { proof, clientNonce }, asker);
}

beforeEach(async () => {
  askers = 0;
  nowMs = 1_000;
  work = [];
  kept = new KeptAccounts();
  accounts = watchedStore(kept);
  const registered = await authenticationWith().register({ ...alice, sex: "female" }, somebody());
  if (!registered.ok) throw new Error(registered.refusal);
});

describe("an unknown account name", () => {
  test("costs the same work as a wrong password, raw and by proof, and gets the same answer", async () => {
    const authentication = authenticationWith();
    await challengeOf(authentication, "warm");
    const answers = [
      await authentication.byPassword(wrong, somebody()),
      await authentication.byPassword(unknown, somebody()),
      await proveAs(authentication, wrong.name, wrong.password),
      await proveAs(authentication, unknown.name, unknown.password),
    ];
    for (const answer of answers) expect(answer).toEqual(refused("wrong-name-or-password"));

    const raw = (login: typeof wrong) => workOf(() => authentication.byPassword(login, somebody()));
    expect(await raw(unknown)).toEqual(await raw(wrong));
    expect(await raw(unknown)).toEqual(["findByName", "hash 8"]);
    const byProof = (name: string) => workOf(() => proveAs(authentication, name, "wrong horse"));
    expect(await byProof(unknown.name)).toEqual(await byProof(wrong.name));
  });

  test("costs the same work as a known name when a client asks for salt", async () => {
    const authentication = authenticationWith();
    await challengeOf(authentication, "warm");
    const askFor = (name: string) => workOf(() => challengeOf(authentication, name));
    expect(await askFor(unknown.name)).toEqual(["findByName"]);
    expect(await askFor(alice.name)).toEqual(["findByName"]);
  });

  test("costs the same work when other logins are remembered, since only right passwords are", async () => {
    const authentication = authenticationWith();
    await authentication.byPassword(alice, somebody());
    const works = [
      await workOf(() => authentication.byPassword(wrong, somebody())),
      await workOf(() => authentication.byPassword(unknown, somebody())),
    ];
    expect(works).toEqual([
      ["findByName", "hash 8"],
      ["findByName", "hash 8"],
    ]);
  });

  test("is hashed and answered with the parameters of real credentials", async () => {
    accounts = watchedStore(new KeptAccounts());
    const before = authenticationWith({}, createPasswordHasher({ parameters: older }));
    for (const name of ["one", "two", "three"]) {
      await before.register({ name, password: "correct horse", sex: "male" }, somebody());
    }
    const { offer } = await challengeOf(authenticationWith(), "nobody");
    expect(offer).toMatchObject(older);
    expect(await workOf(() => authenticationWith().byPassword(unknown, somebody()))).toContain("hash 16");
  });

  test("gets the same salt at every request and on every login-server", async () => {
    const offers = await Promise.all(
      [authenticationWith(), authenticationWith()].flatMap((each) => [
        challengeOf(each, "nobody"),
        challengeOf(each, "NOBODY"),
      ]),
    );
    expect(new Set(offers.map(({ offer }) => Buffer.from(offer.salt).toString("hex"))).size).toBe(1);
  });
});

describe("a client that wants to be told of unknown names", () => {
  const told = { ...unknown, saysUnknown: true };
  test("is told after the same work, where registration is open", async () => {
    const authentication = authenticationWith();
    await challengeOf(authentication, "warm");
    const work = await workOf(async () => {
      expect(await authentication.byPassword(told, somebody())).toEqual(
        refusedWith("wrong-name-or-password", unknownName),
      );
    });
    expect(work).toEqual(await workOf(() => authentication.byPassword(wrong, somebody())));
    expect(await authentication.byPassword({ ...wrong, saysUnknown: true }, somebody())).toEqual(
      refused("wrong-name-or-password"),
    );
  });

  test("is told of a ban before its password is right, but not why and until when", async () => {
    kept.ban(alice.name, 2_000);
    const authentication = authenticationWith();
    const ends: string[] = [];
    const begin = async () => ({ ok: true, end: (outcome: string) => void ends.push(outcome) }) as const;
    const asker: Asker = { ...somebody(), limits: { ...unlimited, begin } };
    const answer = await authentication.byPassword({ ...wrong, saysUnknown: true }, asker);
    expect(answer).toEqual(refusedWith("wrong-name-or-password", bannedName));
    expect(ends).toEqual(["wrong"]);
    expect(await authentication.byPassword(wrong, somebody())).toEqual(refused("wrong-name-or-password"));
  });

  test.each(["closed", "invitation"] as const)(
    "learns nothing where registration is %s",
    async (registrationMode) => {
      kept.ban(alice.name, 2_000);
      const authentication = authenticationWith({ registrationMode });
      for (const login of [told, { ...wrong, saysUnknown: true }])
        expect(await authentication.byPassword(login, somebody())).toEqual(refused("wrong-name-or-password"));
    },
  );

  test("learns nothing of an e-mail address, which registration may not tell either", async () => {
    const email = { ...told, name: "mallory@example.org" };
    expect(await authenticationWith().byPassword(email, somebody())).toEqual(
      refused("wrong-name-or-password"),
    );
  });
});

describe("a raw password that was right", () => {
  test("costs no hash the next time, until it is forgotten", async () => {
    const authentication = authenticationWith({ rememberMs: 60_000 });
    expect(await workOf(() => authentication.byPassword(alice, somebody()))).toContain("hash 8");
    expect(await workOf(() => authentication.byPassword(alice, somebody()))).toEqual(["findByName"]);
    nowMs += 60_000;
    expect(await workOf(() => authentication.byPassword(alice, somebody()))).toContain("hash 8");
  });

  test("costs a hash every time if remembering is switched off", async () => {
    const authentication = authenticationWith({ rememberMs: 0 });
    for (let login = 1; login <= 2; login += 1) {
      expect(await workOf(() => authentication.byPassword(alice, somebody()))).toContain("hash 8");
    }
  });

  test("is not accepted from memory after the credential changed or the account was banned", async () => {
    const authentication = authenticationWith();
    const first = await authentication.byPassword(alice, somebody());
    if (!first.ok) throw new Error(first.refusal);
    kept.ban(alice.name, nowMs + 1_000);
    expect(await authentication.byPassword(alice, somebody())).toEqual(refused("banned", 1_000));
    kept.ban(alice.name, Number.POSITIVE_INFINITY);
    expect(await authentication.byPassword(alice, somebody())).toEqual(refused("banned"));

    const renewed = await createPasswordHasher({ parameters: cheap }).createCredential("new password");
    if (!renewed.ok) throw new Error(renewed.refusal);
    const { accountId, credential } = first.value;
    await accounts.replaceCredential({ accountId, replaced: credential, credential: renewed.value });
    expect(await authentication.byPassword(alice, somebody())).toEqual(refused("wrong-name-or-password"));
  });

  test("is hashed with the current parameters, and remembered under the new credential", async () => {
    const authentication = authenticationWith({}, createPasswordHasher({ parameters: older }));
    const renewing = await workOf(() => authentication.byPassword(alice, somebody()));
    expect(renewing.filter((each) => each !== "parametersInUse")).toEqual([
      "findByName",
      "hash 8",
      "new hash 16",
      "replaceCredential",
    ]);
    expect(await workOf(() => authentication.byPassword(alice, somebody()))).toEqual(["findByName"]);
  });
});

test("a proof over a credential that was changed meanwhile is refused", async () => {
  const authentication = authenticationWith();
  const { offer, challenge } = await challengeOf(authentication, alice.name);
  const hasher = createPasswordHasher({ parameters: cheap });
  const salted = await hasher.hash({ password: alice.password, salt: offer.salt });
  const renewed = await hasher.createCredential("new password");
  const account = await accounts.findByName(alice.name);
  if (!salted.ok || !renewed.ok || account === null) throw new Error("busy");
  const change = { accountId: account.accountId, replaced: account.credential, credential: renewed.value };
  expect(await accounts.replaceCredential(change)).toEqual(accepted({}));
  const proof = clientProof(salted.value, authMessage({ name: alice.name, clientNonce, ...offer }));
  expect(await authentication.byProof(challenge, { proof, clientNonce }, somebody())).toEqual(
    refused("wrong-name-or-password"),
  );
});

test("a client that disconnects gives up its place in the queue, at login and at registration", async () => {
  const hasher = createPasswordHasher({ parameters: cheap, concurrency: 1, queueMax: 2 });
  const authentication = authenticationWith({}, hasher);
  const slow = { memoryKib: 65_536, iterations: 10, parallelism: 1 };
  const underWay = hasher.hash({ password: "slow", salt: new Uint8Array(16), parameters: slow });
  const leaving = [new AbortController(), new AbortController()];
  const [one, other] = leaving.map(({ signal }, index) => ({
    ...{ address: `leaving ${index}`, gone: signal },
    limits: unlimited,
  }));
  if (!one || !other) throw new Error("two");
  const left = [
    authentication.byPassword(alice, one),
    authentication.register({ name: "newcomer", password: "correct horse", sex: "male" }, other),
  ];
  await until(() => hasher.load.waiting === 2, { what: "both wait for their turn" });
  for (const each of leaving) each.abort();
  expect(hasher.load).toEqual({ running: 1, waiting: 0 });
  for (const answer of await Promise.all(left)) expect(answer).toMatchObject({ refusal: "busy" });
  expect(await accounts.findByName("newcomer")).toBe(null);
  await underWay;
});

test("a client that disconnects after its password was checked gets no new credential", async () => {
  const hasher = createPasswordHasher({ parameters: older });
  const left = new AbortController();
  const leaving: PasswordHasher = {
    ...hasher,
    hash: async (request) => {
      const salted = await hasher.hash(request);
      left.abort();
      return salted;
    },
  };
  const before = await accounts.findByName(alice.name);
  const asker = { address: "leaving", gone: left.signal, limits: unlimited };
  expect(await authenticationWith({}, leaving).byPassword(alice, asker)).toMatchObject({ ok: true });
  expect(await accounts.findByName(alice.name)).toEqual(before);
});
