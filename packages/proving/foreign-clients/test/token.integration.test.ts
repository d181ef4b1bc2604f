import { systemClock } from "@sallyport/clock";
import { TokenFeed } from "@sallyport/identity-token";
import { leastCrowded } from "@sallyport/sdk";
import { must, query, until } from "@sallyport/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jsonFrame, openSigned, type Signed } from "../src/index.ts";
import { type LoginProcess, TwoLoginServers } from "./two-login-servers.ts";

/*
 * The rules of the authentication server of seed 002, by a client with its own bytes, at two login-servers.
 * docs/seeds.md names each rule with its test.
 */

const password = "a right password";
const keysPassword = "f3a1c2d4e5b60718293a4b5c";
const minuteMs = 60_000;
const secrets: string[] = [password, keysPassword];
let servers: TwoLoginServers;
let feed: TokenFeed;
beforeAll(async () => {
  servers = await TwoLoginServers.start({
    ...{ TOKEN_AUDIENCES: "resource,shop", TOKEN_KEYS_PASSWORD: keysPassword },
    LIMITS_EXEMPT: "127.0.0.1/32",
  });
  feed = new TokenFeed({
    ...{ url: servers.logins[1].keysUrl, clock: systemClock, wallMs: Date.now, everyMs: 1_000 },
  });
  await feed.look();
});
afterAll(async () => {
  await feed?.stop();
  await servers?.stop();
});

const login = (nth: 0 | 1): LoginProcess => servers.logins[nth];

let accounts = 0;
async function registered(): Promise<{ readonly name: string; readonly accountId: number }> {
  const name = `user_${++accounts}`;
  const account = { name, password, sex: "female" } as const;
  return { name, accountId: must(await login(0).native().register(account)).accountId };
}

async function tokenOf(name: string, nth: 0 | 1 = 0, more: object = {}): Promise<string> {
  const answer = await login(nth).token({ identity: name, password, ...more });
  expect(answer).toMatchObject({ type: "token" });
  const token = String(answer?.["token"]);
  secrets.push(token);
  return token;
}

async function opened(token: string, nth: 0 | 1 = 0): Promise<Signed | null> {
  const keys = (await (await login(nth).page("/.well-known/jwks.json")).json()) as never;
  return openSigned(token, keys);
}

const whyNot = async (token: string): Promise<string> => {
  const answer = await feed.verify(token, "resource");
  return answer.type === "refused" ? answer.why : "identity";
};

/** The time up to which tokens of the account are void at a server. */
async function revokedMs(accountId: number, nth: 0 | 1): Promise<number | undefined> {
  const list = await opened(await (await login(nth).page("/revocations")).text(), nth);
  const revoked = list?.payload["revoked"] as { account: number; beforeMs: number }[];
  return revoked.find(({ account }) => account === accountId)?.beforeMs;
}

describe("a request", () => {
  test("is the length in four bytes and JSON, gets an answer of the same form, and then the connection ends", async () => {
    const { name } = await registered();
    const client = await login(0).tokenClient();
    const answer = await client.asks({ type: "token", identity: name, password });
    expect(Object.keys(answer ?? {}).sort()).toEqual(["expires", "token", "type"]);
    await client.stream.closed;
    expect(client.stream.unread.length).toBe(0);
  });

  test("gets one answer, whatever follows it on the connection", async () => {
    const { name } = await registered();
    const request = jsonFrame({ type: "token", identity: name, password });
    const client = await login(0).tokenClient();
    client.stream.send(Buffer.concat([request, request]));
    expect(await client.answer()).toMatchObject({ type: "token" });
    expect(await client.answer()).toBe(null);
  });

  test("comes in any pieces, and nobody waits for one that is slow", async () => {
    const { name } = await registered();
    const slow = await login(0).tokenClient();
    const bytes = jsonFrame({ type: "token", identity: name, password });
    slow.stream.send(bytes.subarray(0, 20));
    await tokenOf(name);
    for (const byte of bytes.subarray(20)) slow.stream.send(Uint8Array.of(byte));
    expect(await slow.answer()).toMatchObject({ type: "token" });
  });

  test("of the seed's client, without a password, gets no token", async () => {
    const client = await login(0).tokenClient();
    client.stream.send(Buffer.from("00000026", "hex"));
    client.stream.send(Buffer.from('{"type": "token", "identity": "alice"}'));
    expect(await client.answer()).toEqual({ type: "refused", reason: "password-missing" });
    expect(await client.answer()).toBe(null);
  });

  test.each([
    ["no JSON", Buffer.concat([Buffer.from("00000003", "hex"), Buffer.from("{a}")])],
    ["another type", jsonFrame({ type: 1, identity: "alice", password })],
    ["no name", jsonFrame({ type: "token", password })],
  ])("with %s gets one answer, and its connection ends", async (_, bytes) => {
    const client = await login(0).tokenClient();
    client.stream.send(bytes);
    expect(await client.answer()).toEqual({ type: "refused", reason: "malformed" });
    await client.stream.closed;
  });

  test.each(["00000000", "00002001", "ffffffff"])(
    "whose length is %s is closed without an answer, and no other is",
    async (length) => {
      const { name } = await registered();
      const bad = await login(0).tokenClient();
      bad.stream.send(Buffer.from(length, "hex"));
      expect(await bad.answer()).toBe(null);
      await tokenOf(name);
    },
  );
});

describe("a password", () => {
  test("that is wrong gets the same answer as an unknown name", async () => {
    const { name } = await registered();
    const wrong = await login(0).token({ identity: name, password: "a wrong password" });
    expect(wrong).toEqual({ type: "refused", reason: "wrong-name-or-password" });
    expect(await login(0).token({ identity: "nobody", password })).toEqual(wrong);
  });

  test("leaves the same rows in the trail whether it was wrong or right, and nothing that was typed", async () => {
    const { name, accountId } = await registered();
    await login(1).token({ identity: name, password: "typed by mistake" });
    await tokenOf(name, 1);
    const noted = `SELECT what, why, host(address) AS address, dialect, detail FROM trail
      WHERE account_id = $1 AND what <> 'registered' ORDER BY id`;
    const rows = await until(
      async () => {
        const found = (await query(servers.database.url, noted, [accountId])).rows;
        return found.length === 2 && found;
      },
      { what: "both rows" },
    );
    const origin = { address: "127.0.0.1", dialect: "token" };
    expect(rows).toEqual([
      { ...origin, what: "login-refused", why: "wrong-name-or-password", detail: null },
      { ...origin, what: "token", why: null, detail: { way: "password", audience: "resource" } },
    ]);
  });

  test("is the one of native clients: its SHA-256 is wrong", async () => {
    const { name } = await registered();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", Buffer.from(password)));
    expect(
      await login(0).token({ identity: name, password: Buffer.from(digest).toString("hex") }),
    ).toMatchObject({
      reason: "wrong-name-or-password",
    });
  });

  test("that is guessed at both servers and the native port meets one limit", async () => {
    const { name } = await registered();
    const guesser = "127.0.0.21";
    const reasons: unknown[] = [];
    for (let guess = 0; guess < 6; guess += 1) {
      const request = { identity: name, password: `guess ${guess}` };
      reasons.push((await login(guess % 2 === 0 ? 0 : 1).token(request, guesser))?.["reason"]);
    }
    expect(reasons.slice(0, 5)).toEqual(Array(5).fill("wrong-name-or-password"));
    expect(reasons[5]).toBe("too-many-attempts");
    expect(await login(1).token({ identity: name, password }, guesser)).toMatchObject({
      reason: "too-many-attempts",
    });
    await tokenOf(name);
  });
});

describe("a token", () => {
  test("says who has it, what it is for and until when, and is signed with Ed25519", async () => {
    const { name, accountId } = await registered();
    const answer = await login(0).token({ identity: name.toUpperCase(), password });
    const signed = await opened(String(answer?.["token"]));
    expect(signed?.header).toMatchObject({ alg: "EdDSA", typ: "identity+jwt" });
    expect(signed?.payload).toMatchObject({
      ...{ iss: "sallyport", sub: String(accountId), name, role: "player", aud: "resource" },
      exp: answer?.["expires"],
    });
    const { exp, iat, jti } = signed?.payload ?? {};
    expect(Number(exp) - Number(iat)).toBe(3_600);
    expect(String(jti)).toMatch(/^[\w-]{22}$/);
  });

  test("of one server verifies with the keys of the other, and with the feed", async () => {
    const { name } = await registered();
    for (const nth of [0, 1] as const) {
      const token = await tokenOf(name, nth);
      expect(await opened(token, nth === 0 ? 1 : 0)).not.toBe(null);
      expect(await whyNot(token)).toBe("identity");
    }
    const [keys] = await servers.sql("SELECT count(*)::integer AS count FROM token_keys");
    expect(keys).toEqual({ count: 1 });
  });

  test("is for the kind of server that was asked for", async () => {
    const { name } = await registered();
    expect(await whyNot(await tokenOf(name, 0, { audience: "shop" }))).toBe("audience");
    expect(await login(0).token({ identity: name, password, audience: "bank" })).toEqual({
      ...{ type: "refused", reason: "audience-unknown" },
    });
  });

  test("takes no lock: a client that is logged in stays, and goes on to its world", async () => {
    const { name } = await registered();
    const client = login(0).native();
    const loggedIn = async () => {
      const answer = await client.logIn({ name, password, way: "raw" });
      return answer.ok ? answer.value : null;
    };
    const { worlds } = await until(loggedIn, { what: "a world is linked" });
    await tokenOf(name, 1);
    const world = leastCrowded(worlds);
    if (world === undefined) throw new Error("no world");
    must(await client.enterWorld(world)).leave();
  });

  test("is given to a native client that is logged in, at either server, until another one has the account", async () => {
    const { name, accountId } = await registered();
    const client = login(0).native();
    const loggedIn = async () => (await client.logIn({ name, password })).ok;
    await until(loggedIn, { what: "a world is linked" });
    const { token, expiresS } = must(await client.identityToken());
    secrets.push(token);
    expect((await opened(token))?.payload).toMatchObject({ sub: String(accountId), exp: expiresS });
    must(await login(1).native().logIn({ name, password }));
    expect(await client.identityToken()).toMatchObject({ ok: false, refusal: "not-logged-in" });
  });
});

describe("the tokens of an account end within a minute", () => {
  const orders: [string, (account: { name: string; accountId: number }) => Promise<unknown>, string][] = [
    [
      "a ban by SQL",
      ({ accountId }) =>
        servers.sql("UPDATE accounts SET banned_until = 'infinity' WHERE id = $1", [accountId]),
      "banned",
    ],
    [
      "another role",
      ({ accountId }) => servers.sql("UPDATE accounts SET role = 'gamemaster' WHERE id = $1", [accountId]),
      "a token",
    ],
    [
      "a new password",
      async ({ name }) =>
        must(await login(1).native().changePassword({ name, password, newPassword: "another one" })),
      "wrong-name-or-password",
    ],
    [
      "a deletion",
      ({ accountId }) => servers.sql("DELETE FROM accounts WHERE id = $1", [accountId]),
      "wrong-name-or-password",
    ],
  ];
  test.each(orders)("after %s, at both servers and at the feed", async (_, order, next) => {
    const account = await registered();
    const token = await tokenOf(account.name);
    expect(await whyNot(token)).toBe("identity");
    await order(account);
    for (const nth of [0, 1] as const) {
      const isListed = async () => (await revokedMs(account.accountId, nth)) !== undefined;
      await until(isListed, { what: "the revocation is listed", timeoutMs: minuteMs });
    }
    const isVoid = async () => (await whyNot(token)) === "revoked";
    await until(isVoid, { what: "the feed knows of it", timeoutMs: minuteMs });
    expect(feed.isFresh()).toBe(true);
    const again = await login(1).token({ identity: account.name, password });
    expect(again?.["reason"] ?? "a token").toBe(next);
    if (next === "a token") expect(await whyNot(String(again?.["token"]))).toBe("identity");
  });

  test("and a token after a new password is valid at once", async () => {
    const { name } = await registered();
    must(await login(1).native().changePassword({ name, password, newPassword: "another one" }));
    const token = await tokenOf(name, 0, { password: "another one" });
    await until(() => feed.look().then(() => true), { what: "the feed has looked" });
    expect(await whyNot(token)).toBe("identity");
  });
});

describe("the port for keys", () => {
  test("shows keys and revocations, and nothing else, and only to GET and HEAD", async () => {
    expect((await login(0).page("/.well-known/jwks.json")).headers.get("content-type")).toBe(
      "application/jwk-set+json",
    );
    expect((await login(0).page("/revocations", { method: "HEAD" })).status).toBe(200);
    expect((await login(0).page("/")).status).toBe(404);
    expect((await login(0).page("/constructor")).status).toBe(404);
    expect((await login(0).page("/revocations", { method: "POST", body: "{}" })).status).toBe(405);
  });

  test("shows no private key, and the database has none in plain", async () => {
    const keys = await (await login(0).page("/.well-known/jwks.json")).text();
    expect(Object.keys(JSON.parse(keys).keys[0]).sort()).toEqual(["alg", "crv", "kid", "kty", "use", "x"]);
    const [stored] = await servers.sql("SELECT private_key FROM token_keys");
    expect(String(stored?.["private_key"]).split(".")).toHaveLength(5);
  });
});

test("no password, token or key is logged, at any level", async () => {
  const stored = await servers.sql("SELECT private_key FROM token_keys");
  const hidden = [...secrets, ...stored.map((row) => String(row["private_key"]))];
  expect(servers.output).toContain('"identity token issued"');
  for (const secret of hidden) expect(servers.output).not.toContain(secret);
});

test("the next key is made before the old one ends, and both are published until the tokens of the old one have ended", async () => {
  const { name } = await registered();
  const old = await tokenOf(name);
  const kidOf = async (token: string) => (await opened(token))?.header["kid"];
  const oldKid = await kidOf(old);
  await servers.sql("UPDATE token_keys SET signs_until = now() + interval '1 hour'");
  const counted = async () => {
    const [row] = await servers.sql("SELECT count(*)::integer AS count FROM token_keys");
    return row?.["count"];
  };
  await until(async () => (await counted()) === 2, { what: "a second key is made", timeoutMs: minuteMs });
  // As if two minutes had passed, in which everybody got to know the key.
  await servers.sql("UPDATE token_keys SET made_at = made_at - interval '1 hour'");
  for (const nth of [0, 1] as const) {
    const isNew = async () => (await kidOf(await tokenOf(name, nth))) !== oldKid;
    await until(isNew, { what: "the new key signs", timeoutMs: minuteMs });
  }
  expect(await counted()).toBe(2);
  expect(await whyNot(old)).toBe("identity");
  expect(await whyNot(await tokenOf(name))).toBe("identity");
  await servers.sql("UPDATE token_keys SET verifies_until = now() WHERE kid = $1", [oldKid]);
  const isGone = async () => (await whyNot(old)) === "unknown-key";
  await until(isGone, { what: "the old key is no longer published", timeoutMs: minuteMs });
});
