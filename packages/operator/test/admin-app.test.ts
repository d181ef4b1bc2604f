import { Unavailable, UnreadableRow } from "@sallyport/domain";
import { describe, expect, test } from "vitest";
import { limitsText } from "../src/limit-text.ts";
import { clockDifferenceMaxMs, newNonce } from "../src/port/nonce.ts";
import { charactersText } from "../src/tables.ts";
import { trailText } from "../src/trail-text.ts";
import { basic, bearer, drain, open, row, services, token, view, withNonce } from "./admin-scene.ts";
import { account, wallNowMs } from "./scene.ts";

describe("who may ask", () => {
  test("without a credential, or with a wrong one, every request gets 401 and the same answer", async () => {
    const { send, drained } = open();
    for (const headers of [
      {},
      { authorization: "Bearer" },
      { authorization: `Bearer ${token}0` },
      { authorization: "Basic !" },
      basic("wanda", "wrong"),
      basic("nobody", "right"),
    ] as Record<string, string>[]) {
      const read = await send("GET", "/servers", headers);
      expect(read).toMatchObject({ status: 401, said: { refusal: "not-logged-in" } });
      expect(read.headers["www-authenticate"]).toContain("Bearer");
      expect((await send("POST", drain, withNonce(headers))).status).toBe(401);
    }
    const wrong = await send("GET", "/servers", basic("wanda", "wrong"));
    expect((await send("GET", "/servers", basic("nobody", "right"))).said).toEqual(wrong.said);
    expect(drained).toEqual([]);
  });

  test.each(["Basic !", "Basic bm8tY29sb24=", "Token x", "Bearer", ""])(
    "with the header `%s` it gets 401, and is told which forms there are",
    async (authorization) => {
      const { status, said } = await open().send("GET", "/servers", { authorization });
      expect([status, said.refusal]).toEqual([401, "not-logged-in"]);
      expect(said.error).toMatch(/neither Bearer with a token nor Basic with the base64 of name:password$/);
    },
  );

  test("a player gets 403, and a gamemaster gets it where only an administrator may ask", async () => {
    const { send, drained } = open();
    expect((await send("GET", "/servers", basic("wanda", "right"))).status).toBe(403);
    expect((await send("GET", "/servers", basic("gareth", "right"))).status).toBe(200);
    const turnedDown = await send("POST", drain, withNonce(basic("gareth", "right")));
    expect(turnedDown).toMatchObject({
      status: 403,
      said: { refusal: "not-allowed", error: "only the role administrator may do this" },
    });
    expect(drained).toEqual([]);
    expect((await send("POST", drain, withNonce(basic("ada", "right")))).status).toBe(200);
    expect(drained).toEqual(["map-1"]);
  });

  test("an account that failed too often learns when to try again", async () => {
    const held = await open().send("GET", "/servers", basic("flooded", "right"));
    expect(held).toMatchObject({ status: 429, said: { refusal: "busy", retryAfterMs: 4_200 } });
    expect(held.headers["retry-after"]).toBe("5");
  });
});

describe("a request that changes something", () => {
  test("is carried out once, even if it is sent twice", async () => {
    const { send, drained } = open();
    const headers = withNonce();
    expect((await send("POST", drain, headers)).status).toBe(200);
    expect(await send("POST", drain, headers)).toMatchObject({
      status: 409,
      said: { refusal: "nonce-used" },
    });
    expect(drained).toEqual(["map-1"]);
  });

  test.each([
    ["no nonce", bearer, "nonce-missing"],
    ["no random part in its nonce", withNonce(bearer, `${wallNowMs}`), "nonce-missing"],
    ["a nonce of two minutes ago", withNonce(bearer, newNonce(wallNowMs - 120_000)), "nonce-late"],
    [
      "a nonce of the future",
      withNonce(bearer, newNonce(wallNowMs + clockDifferenceMaxMs + 1)),
      "nonce-late",
    ],
  ])("and has %s changes nothing", async (_, headers, refusal) => {
    const { send, drained } = open();
    expect(await send("POST", drain, headers)).toMatchObject({ status: 400, said: { refusal } });
    expect(drained).toEqual([]);
  });

  test("and has a wrong body is refused before its nonce is used", async () => {
    const { send, drained } = open();
    const headers = withNonce();
    for (const [body, why] of [
      ["{", "the body is not a JSON object"],
      ["[]", "the body is not a JSON object"],
      ['{"within": "1"}', "within: this request has no such field"],
    ] as const)
      expect(await send("POST", drain, headers, body)).toMatchObject({ status: 400, said: { error: why } });
    expect((await send("POST", drain, headers)).status).toBe(200);
    expect(drained).toEqual(["map-1"]);
  });
});

describe("the trail", () => {
  test("has each request that may change something, with who sent it, from where, and the outcome", async () => {
    const { send, get, noted } = open();
    await get("/servers");
    await send("POST", drain, withNonce(basic("ada", "right")));
    await send("POST", "/map-servers/map-9/drain", withNonce());
    await send("POST", drain, withNonce(basic("gareth", "right")));
    const origin = { address: "127.0.0.1" };
    expect(noted).toMatchObject([
      { what: "drain", by: "ada", origin, detail: { server: "map-1", outcome: "done" } },
      { what: "drain", by: "(token)", origin, detail: { outcome: "not-found" } },
    ]);
  });

  test("has nothing that was typed and turned out to be no name, which might be a password", async () => {
    const { send, noted } = open();
    const body = JSON.stringify({ until: "1h", reason: "spam" });
    await send("POST", "/accounts/letmein/ban", withNonce(basic("gareth", "right")), body);
    expect(noted).toMatchObject([{ what: "account ban", by: "gareth" }]);
    expect(noted[0]?.detail).toEqual({ until: "1h", outcome: "not-found" });
    expect(JSON.stringify(noted)).not.toMatch(/letmein|spam/);
  });

  test("has of a command that is refused for another cause a part of each text", async () => {
    const { send, noted } = open();
    const body = JSON.stringify({ until: "1h", reason: "r".repeat(200) });
    await send("POST", "/accounts/boss/ban", withNonce(basic("gareth", "right")), body);
    const detail = { name: "boss", until: "1h", outcome: "not-allowed" };
    expect(noted).toMatchObject([{ what: "account ban", why: "r".repeat(64), detail }]);
  });

  test("has each refused credential, by the account that was meant, and nothing that was shown", async () => {
    const { send, noted } = open();
    for (const headers of [
      ...[basic("wanda", "wrong"), basic("nobody", "right"), basic("wanda", "right")],
      ...[basic("flooded", "right"), { authorization: "Bearer secret0" }],
    ])
      await send("GET", "/servers", headers);
    const refused = { what: "operator-refused", origin: { address: "127.0.0.1" } };
    const { accountId } = account;
    expect(noted).toEqual([
      { ...refused, accountId, why: "wrong-name-or-password" },
      { ...refused, accountId: undefined, why: "wrong-name-or-password" },
      { ...refused, accountId, why: "not-allowed" },
      { ...refused, accountId: undefined, why: "busy" },
      { ...refused, accountId: undefined, why: "wrong-token" },
    ]);
    await send("GET", "/servers", {} as typeof bearer);
    expect(noted).toHaveLength(5);
  });

  test("is read by the name of an account, with all its characters, or by an address or network", async () => {
    const { get } = open();
    const { status, said } = await get("/trail?name=walker&limit=1");
    expect([status, said]).toMatchObject([
      200,
      {
        accounts: [{ accountId: 2_000_000, name: "walker" }],
        counts: [{ accountId: 2_000_000, logOns: 5, logOffs: 4 }],
        entries: [{ what: "login", accountId: 2_000_000, dialect: "native", server: "login-1" }],
        next: row.id,
      },
    ]);
    expect(said.entries[0].detail).toEqual({ accountIds: [2_000_000], charIds: [150_000], address: null });
    for (const address of ["10.0.0.7", "2001:db8::/32"]) {
      const found = await get(`/trail?name=${encodeURIComponent(address)}`);
      expect(found.said.entries[0].detail).toEqual({ accountIds: [], charIds: [], address });
    }
    const deleted = await get("/trail?name=%232000009");
    expect(deleted.said.entries[0].detail.accountIds).toEqual([2_000_009]);
    for (const unknown of ["nobody", "10.0.0.0/33", "2001:db8::/129", "fe80::1%25eth0", "10.0.0.0/"])
      expect((await get(`/trail?name=${unknown}`)).status).toBe(404);
    expect((await get(`/trail?name=walker&before=${"x".repeat(36)}`)).status).toBe(400);
  });

  test("is shown as tables, without what could control a terminal", () => {
    const text = trailText({
      name: "walker",
      accounts: [{ accountId: 2_000_000, name: "walker" }],
      counts: [{ accountId: 2_000_000, logOns: 5, logOffs: 4 }],
      logins: [],
      entries: [
        {
          ...{ at: row.at, what: "kick", accountId: 2_000_000, charId: 150_000, address: null, device: null },
          ...{ dialect: null, clientVersion: null, server: "map-1", by: "ada", why: "spam\u001b[2J" },
          detail: { outcome: "done" },
        },
      ],
      next: "here",
    });
    expect(text).toMatch(
      /2026-11-21 16:29:00 UTC +kick +walker +- +ada +spam·\[2J +character #150000, outcome done/,
    );
    expect(text).toMatch(/ACCOUNT +LOG-ONS +LOG-OFFS\nwalker +5 +4\n/);
    expect(text).toContain("--before here");
  });
});

test("a character is shown with what the game keeps of it", async () => {
  const { get } = open();
  const { status, said } = await get("/characters/wanda");
  expect([status, said.characters]).toMatchObject([200, [{ name: "Wanda", attributes: { lines: 7 } }]]);
  expect(charactersText(said)).toMatch(/CHARACTER +ATTRIBUTES\nWanda +\{"\$version":2,"lines":7\}\n$/);
});

test("the limits are told of an address or of a name", async () => {
  const { get } = open();
  expect((await get("/limits?of=10.0.0.7")).said).toMatchObject({
    limits: [{ by: "address", leftMs: 42_000 }],
  });
  const { said } = await get("/limits?of=walker");
  expect(limitsText(said)).toBe("No limit counts anything of walker now.\n");
});

test("an announcement goes to a world, to all worlds, or to one map that it names", async () => {
  const { send, announced } = open();
  const say = (of: object) =>
    send("POST", "/announcements", withNonce(), JSON.stringify({ text: "soon", ...of }));
  const everywhere = [{}, { to: "all" }, { to: "map", map: "harbour" }, { map: "harbour" }];
  for (const to of everywhere) expect(await say(to)).toMatchObject({ status: 200 });
  expect(await say({ to: "map" })).toMatchObject({
    status: 400,
    said: { error: "map: missing; it names the map whose players see the text" },
  });
  expect(await say({ to: "world", map: "harbour" })).toMatchObject({
    status: 400,
    said: { error: "map: a text to world goes to all maps, so it names none" },
  });
  const shown = { text: "soon", from: null };
  expect(announced).toEqual([
    [shown, "announce-world", ""],
    [shown, "announce-all", ""],
    [shown, "announce-map", "harbour"],
    [shown, "announce-map", "harbour"],
  ]);
});

describe("a character", () => {
  const rename = (name: string, to: string) =>
    ["POST", `/characters/${name}/rename`, withNonce(), JSON.stringify({ to })] as const;

  test("is renamed, and the trail names its account", async () => {
    const { send, renamed, noted } = open();
    const { status, said } = await send(...rename("wanda", "Wilma"));
    expect([status, said]).toMatchObject([200, { charId: 150_000, name: "Wilma", account: "walker" }]);
    expect(renamed).toEqual(["wanda to Wilma"]);
    expect(noted).toMatchObject([
      { what: "character rename", accountId: 2_000_000, charId: 150_000, detail: { to: "Wilma" } },
    ]);
  });

  test("of an account with a role is changed by administrators only", async () => {
    const { send, renamed } = open();
    const [method, path, , body] = rename("boss", "Clerk");
    const byGareth = await send(method, path, withNonce(basic("gareth", "right")), body);
    expect(byGareth).toMatchObject({ status: 403, said: { refusal: "not-allowed" } });
    expect(renamed).toEqual([]);
    expect((await send(method, path, withNonce(basic("ada", "right")), body)).status).toBe(200);
  });

  test("that cannot be changed is named with the reason, and nothing is changed", async () => {
    const { send, renamed } = open();
    expect(await send(...rename("wanda", "taken"))).toMatchObject({
      status: 409,
      said: { refusal: "name-taken" },
    });
    expect(await send(...rename("nobody", "Wilma"))).toMatchObject({ status: 404 });
    const place = JSON.stringify({ map: "nowhere", x: "1", y: "2" });
    expect(await send("POST", "/characters/wanda/move", withNonce(), place)).toMatchObject({
      status: 404,
      said: { refusal: "no-such-map" },
    });
    expect(await send("POST", "/characters/wanda/delete", withNonce())).toMatchObject({
      status: 503,
      said: { refusal: "unavailable" },
    });
    expect(renamed).toEqual([]);
  });
});

describe("a request", () => {
  test("is answered in JSON, with the given filters", async () => {
    const { get, asked } = open();
    expect(await get("/servers")).toMatchObject({ status: 200, said: { servers: [], unseen: [] } });
    expect(await get("/whois?name=w%26lker")).toMatchObject({ status: 200, said: { name: "w&lker" } });
    await get("/locks");
    await get("/locks?kind=server&state=away&owner=map-1&world=A%20b&after=x&limit=7");
    expect(asked).toEqual([
      { limit: 100 },
      { kind: "server", state: "away", owner: "map-1", world: "A b", after: "x", limit: 7 },
    ]);
  });

  test("with a mistake is answered with the field and its right form", async () => {
    const { get } = open();
    for (const [path, error] of [
      ["/whois", "name: missing"],
      ["/whois?name=", "name: not 1 to 254 characters on one line"],
      ["/locks?limit=0", "limit: not a whole number from 1 to 1000"],
      ["/locks?limit=1001", "limit: not a whole number from 1 to 1000"],
      ["/locks?kind=dragon", "kind: not one of account, character, server"],
      ["/locks?dragons=3", "dragons: this request has no such field"],
    ] as const)
      expect(await get(path), path).toMatchObject({ status: 400, said: { refusal: "invalid", error } });
  });

  test("to another path or with another method is answered with those that exist", async () => {
    const { send } = open();
    expect((await send("GET", "/dragons")).said.error).toContain("/servers, /locks");
    expect(await send("DELETE", "/servers")).toMatchObject({ status: 405, said: { error: "only GET" } });
    expect((await send("GET", drain)).status).toBe(405);
  });

  test("about a map-server describes it, and names one that is not linked", async () => {
    const { get, drained } = open();
    expect((await get("/map-servers/map-1")).said).toEqual({
      server: "map-1",
      state: "up",
      players: 3,
      maps: [],
    });
    expect(await get("/map-servers/map-2")).toMatchObject({
      status: 404,
      said: { refusal: "not-found", error: "no map-server map-2 is linked to this char-server" },
    });
    expect(drained).toEqual([]);
  });

  test("about a world names the server to ask, if no char-server runs here", async () => {
    const { get } = open({ services: services(view, null) });
    expect(await get("/map-servers/map-1")).toMatchObject({ status: 404, said: { refusal: "not-here" } });
  });

  test("gets an explanation while a store does not answer, without the text of the error", async () => {
    const fails = () => Promise.reject(new Unavailable("secret at 10.0.0.7"));
    const { get, logged } = open({ view: { servers: fails, locks: fails, whois: fails } });
    const error = "Redis or Postgres does not answer; the log of this process has more";
    for (const path of ["/servers", "/locks", "/whois?name=x"])
      expect(await get(path)).toMatchObject({ status: 503, said: { refusal: "unavailable", error } });
    expect(logged).toHaveLength(3);
    expect(logged[0]).toMatchObject({ err: { message: "secret at 10.0.0.7" } });
  });

  test("that a bug keeps from an answer gets 500 without inner text, and the log has the stack", async () => {
    const bug = new TypeError("cannot read secret of undefined");
    const whois = () => Promise.reject(bug);
    const { get, logged } = open({ view: { ...view, whois } });
    const { status, said } = await get("/whois?name=x");
    expect([status, said]).toEqual([500, { error: "this server failed at the request; its log has more" }]);
    expect(logged).toEqual([{ err: bug, message: "a request to the admin port failed (a bug)" }]);
  });

  test.each([
    ["GET", "//"],
    ["TRACE", "/servers"],
  ])("of %s %s is refused, and is no bug", async (method, path) => {
    const { send, logged } = open();
    expect((await send(method, path)).status).toBe(400);
    expect(logged).toEqual([]);
  });

  test("about a row that no server can use is answered with the row", async () => {
    const error = "account 2000000: no server can use its created_at, Infinity";
    const whois = () => Promise.reject(new UnreadableRow(error));
    expect(await open({ view: { ...view, whois } }).get("/whois?name=x")).toMatchObject({
      status: 500,
      said: { error },
    });
  });
});
