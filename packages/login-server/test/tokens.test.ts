import { createPasswordHasher, defaultAuthenticationSettings, unlimited } from "@sallyport/authentication";
import { systemClock } from "@sallyport/clock";
import {
  createMemoryStores,
  createMemoryTrail,
  type MemoryStores,
  type TokenStore,
} from "@sallyport/database";
import {
  loginDoorEvents,
  loginDoorMessages,
  nativeClientLimits,
  nativeHeartbeat,
  plainIntroduction,
} from "@sallyport/dialects/native";
import { tokenDoor } from "@sallyport/dialects/token";
import { AccountId, LoginId, type LoginTicket, Unavailable } from "@sallyport/domain";
import { isRevoked, readKeys, verifyIdentity, verifyRevocations } from "@sallyport/identity-token";
import { plainKeys } from "@sallyport/identity-token/issuing";
import { type Link, memoryChannelPair, Link as NativeLink } from "@sallyport/link";
import { accountLockKey, defaultLockTiming } from "@sallyport/lock-core";
import { MemoryLockState, MemoryLockStore } from "@sallyport/lock-store";
import { defaultClientBounds, defaultLinkBounds } from "@sallyport/server-kit";
import { must, testHost } from "@sallyport/testkit";
import { MessageCodec } from "@sallyport/wire";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLoginServer, type LoginServer } from "../src/index.ts";
import { TokenIssuer } from "../src/tokens/token-issuer.ts";

/* Identity tokens of a whole login-server, by the token door and by the native one. */

const alice = { name: "alice", password: "correct horse" };
const hasher = createPasswordHasher({ parameters: { memoryKib: 8_192, iterations: 1, parallelism: 1 } });
const lifeMs = 3_600_000;
const keyLifeMs = 30 * 86_400_000;

let stores: MemoryStores;
let state: MemoryLockState;
let store: MemoryLockStore;
let trail: ReturnType<typeof createMemoryTrail>;
let server: LoginServer;
let ticket: LoginTicket;
let ends: (() => void)[];

function start({ gives = true } = {}): LoginServer {
  const { accounts, mailTokens, networkBans, tokens } = stores;
  const issuing = { store: tokens, seal: plainKeys, audiences: ["resource", "shop"], lifeMs, keyLifeMs };
  return createLoginServer(testHost({ clock: systemClock }), {
    ...{ accounts, mailTokens, networkBans, hasher, store, trail },
    ...{ timing: defaultLockTiming, clusterSecret: new Uint8Array(32), charServers: new Map() },
    ...{ secondLogin: "reject", authentication: defaultAuthenticationSettings },
    ...{ limitsFor: () => unlimited, clientBounds: defaultClientBounds, linkBounds: defaultLinkBounds },
    tokens: gives ? issuing : null,
  });
}

beforeEach(async () => {
  stores = createMemoryStores();
  state = new MemoryLockState();
  store = new MemoryLockStore({ nowMs: () => Math.floor(performance.now()), state });
  trail = createMemoryTrail();
  const credential = must(await hasher.createCredential(alice.password));
  const { accountId } = must(await stores.accounts.create({ name: alice.name, sex: "female", credential }));
  ticket = { accountId, loginId1: LoginId(11), loginId2: LoginId(12), sex: "female" };
  ends = [];
  server = start();
});
afterEach(async () => {
  for (const end of ends) end();
  await server.stop();
});

/** Puts a lock of the account into the store, as a login leaves it. */
async function lock(as: "held" | "granted" | "evicting"): Promise<void> {
  const { accountId, ...ids } = ticket;
  const owner = as === "granted" ? {} : { owner: { server: "alpha", incarnation: "0".repeat(16) } };
  const value = JSON.stringify({ state: as, ...ids, fence: 1, ...owner });
  const key = accountLockKey(accountId);
  await store.compareAndSet({ key, expectedVersion: 0, value, deadline: "none", owner: null });
}

/** One exchange at the token door. Resolves when the server has closed the connection. */
function tokenDoorSays(request: object): Promise<{ readonly [field: string]: unknown }> {
  const [near, far] = memoryChannelPair(["192.0.2.7:1000", "login"]);
  server.acceptClient(far, tokenDoor);
  const said: Uint8Array[] = [];
  return new Promise((resolve) => {
    near.listen({
      bytes: (chunk) => void said.push(chunk),
      closed: () =>
        resolve(JSON.parse(Buffer.concat(said).subarray(4).toString()) as Record<string, unknown>),
    });
    const json = Buffer.from(JSON.stringify({ type: "token", ...request }));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(json.length);
    near.send(Buffer.concat([length, json]));
  });
}

function nativeClient(): Link<typeof loginDoorMessages, typeof loginDoorEvents> {
  const [near, far] = memoryChannelPair(["192.0.2.7:1001", "login"]);
  server.acceptClient(far);
  const link = new NativeLink({
    channel: near,
    sends: new MessageCodec(loginDoorMessages),
    receives: new MessageCodec(loginDoorEvents),
    handlers: { "client.kicked": () => {}, "client.unsupported": () => {} },
    clock: systemClock,
    limits: { ...nativeClientLimits, outputBytesMax: 1 << 20, requestsPauseAt: 1 },
    heartbeat: nativeHeartbeat,
    events: { closed() {} },
  });
  link.notify({ type: "client.hello", ...plainIntroduction });
  ends.push(() => link.close("the test is over"));
  return link;
}
const nativeAsks = (of: Partial<LoginTicket> = {}, audience: string | null = null) =>
  nativeClient().ask({ type: "login.token", ...ticket, ...of, audience }, 10_000);

async function verified(token: unknown, audience = "resource") {
  const published = server.tokens;
  const keys = published && readKeys(await published.keys());
  if (!published || !keys) throw new Error("no keys");
  const revoked = await verifyRevocations(await published.revocations(), keys);
  return verifyIdentity(String(token), { audience, keys, revoked, nowMs: Date.now() });
}

describe("at the token door", () => {
  const { name: identity, password } = alice;

  test("a right password gives a token of the account, for an hour", async () => {
    const answer = await tokenDoorSays({ identity: "Alice", password });
    expect(answer).toMatchObject({ type: "token" });
    const read = await verified(answer["token"]);
    const claims = { sub: String(ticket.accountId), name: "alice", role: "player", aud: "resource" };
    expect(read).toMatchObject({ type: "identity", claims });
    if (read.type !== "identity") throw new Error(read.why);
    expect(read.claims.exp - read.claims.iat).toBe(3_600);
    expect(answer["expires"]).toBe(read.claims.exp);
    const noted = { what: "token", accountId: ticket.accountId };
    expect(trail.entries).toMatchObject([{ ...noted, detail: { way: "password", audience: "resource" } }]);
  });

  test("nobody has to leave, and no lock changes", async () => {
    await lock("held");
    const before = structuredClone([...state.locks]);
    expect(await tokenDoorSays({ identity, password })).toMatchObject({ type: "token" });
    expect([...state.locks]).toEqual(before);
    const found = await stores.accounts.findByName(identity);
    expect(found?.fence).toBe(0);
  });

  test("a token is for the kind of server that was asked for, if there is such a kind", async () => {
    const answer = await tokenDoorSays({ identity, password, audience: "shop" });
    expect(await verified(answer["token"], "shop")).toMatchObject({ type: "identity" });
    expect(await verified(answer["token"])).toEqual({ type: "refused", why: "audience" });
    expect(await tokenDoorSays({ identity, password, audience: "bank" })).toEqual({
      ...{ type: "refused", reason: "audience-unknown" },
    });
  });

  test("an unknown name gets the answer of a wrong password", async () => {
    const wrong = await tokenDoorSays({ identity, password: "wrong horse" });
    expect(wrong).toEqual({ type: "refused", reason: "wrong-name-or-password" });
    expect(await tokenDoorSays({ identity: "nobody", password })).toEqual(wrong);
  });

  test("a banned account is told so after the right password", async () => {
    const { accountId } = ticket;
    await stores.accounts.setBan({ accountId, untilMs: Number.POSITIVE_INFINITY, reason: "for a test" });
    expect(await tokenDoorSays({ identity, password })).toEqual({
      ...{ type: "refused", reason: "banned", detail: "for a test" },
    });
    expect(await tokenDoorSays({ identity, password: "wrong horse" })).toMatchObject({
      reason: "wrong-name-or-password",
    });
  });
});

describe("a native client", () => {
  test.each(["granted", "held"] as const)("whose login is %s gets a token", async (as) => {
    await lock(as);
    const { token, expiresS } = must(await nativeAsks());
    const read = await verified(token);
    expect(read).toMatchObject({ type: "identity", claims: { name: "alice", exp: expiresS } });
  });

  test.each<[string, () => Promise<unknown>, Partial<LoginTicket>]>([
    ["that is not logged in", async () => {}, {}],
    ["that another client asked to leave", () => lock("evicting"), {}],
    ["with another first id", () => lock("held"), { loginId1: LoginId(99) }],
    ["with another second id", () => lock("held"), { loginId2: LoginId(99) }],
    ["with the ids of another account", () => lock("held"), { accountId: AccountId(7) }],
  ])("%s gets none", async (_, prepare, of) => {
    await prepare();
    expect(await nativeAsks(of)).toMatchObject({ ok: false, refusal: "not-logged-in" });
  });

  test("that is banned gets none, also before it was put out", async () => {
    await lock("held");
    await stores.accounts.setBan({ accountId: ticket.accountId, untilMs: Number.POSITIVE_INFINITY });
    expect((await nativeAsks()).ok).toBe(false);
  });

  test("gets ten tokens a minute, then hears when to ask again, and the trail has no more than these", async () => {
    await lock("held");
    const strangers = await Promise.all(
      Array.from({ length: 10 }, () => nativeAsks({ loginId2: LoginId(99) })),
    );
    expect(strangers.some(({ ok }) => ok)).toBe(false);
    for (let nth = 0; nth < 10; nth += 1) must(await nativeAsks());
    const answer = await nativeAsks();
    expect(answer).toMatchObject({ ok: false, refusal: "busy" });
    expect(!answer.ok && answer.retryAfterMs).toBeGreaterThan(0);
    expect(!answer.ok && answer.retryAfterMs).toBeLessThanOrEqual(60_000);
    expect(trail.entries.filter(({ what }) => what === "token")).toHaveLength(10);
  });

  test("gets none for an unknown kind of server, and none from a server that gives none", async () => {
    await lock("held");
    expect(await nativeAsks({}, "bank")).toMatchObject({ refusal: "audience-unknown" });
    await server.stop();
    server = start({ gives: false });
    expect(server.tokens).toBe(null);
    expect(await nativeAsks()).toMatchObject({ refusal: "no-tokens" });
    expect(await stores.tokens.keys()).toHaveLength(1);
  });
});

describe("a token", () => {
  const { name: identity, password } = alice;
  const token = async (): Promise<unknown> => (await tokenDoorSays({ identity, password }))["token"];

  test("has the role that the account had, and ends when it gets another", async () => {
    const old = await token();
    await stores.accounts.setRole({ accountId: ticket.accountId, role: "administrator" });
    await server.stop();
    server = start();
    expect(await verified(old)).toEqual({ type: "refused", why: "revoked" });
    expect(await verified(await token())).toMatchObject({ claims: { role: "administrator" } });
  });
});

describe("the revocation list", () => {
  const issuerOn = (more: Partial<TokenStore>): TokenIssuer =>
    new TokenIssuer(testHost({ clock: systemClock }), {
      ...{
        store: { ...stores.tokens, ...more },
        seal: plainKeys,
        audiences: ["resource"],
        lifeMs,
        keyLifeMs,
      },
    });

  test("has a bound, beyond which tokens of all accounts end up to a time", async () => {
    const many = Array.from({ length: 20_001 }, (_, nth) => ({
      accountId: AccountId(nth + 1),
      beforeMs: 1_900_000_000_000 - nth,
    }));
    const issuer = issuerOn({ revocations: async (_, countMax) => many.slice(0, countMax) });
    const keys = readKeys(await issuer.keys());
    const list = keys && (await verifyRevocations(await issuer.revocations(), keys));
    expect(list?.revoked).toHaveLength(20_000);
    expect(list?.allBeforeMs).toBe(1_900_000_000_000 - 20_000);
    expect(list && isRevoked({ sub: "20001", iat: 1_899_999_979 }, list)).toBe(true);
    await issuer.stop();
  });

  test("is not to be had while the database was never there", async () => {
    const away = async (): Promise<never> => {
      throw new Unavailable("away");
    };
    const issuer = issuerOn({ keys: away, revocations: away });
    await expect(issuer.revocations()).rejects.toThrow(Unavailable);
    await expect(issuer.keys()).rejects.toThrow(Unavailable);
    await issuer.stop();
  });
});
