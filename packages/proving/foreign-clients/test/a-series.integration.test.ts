import { createClient, type Game } from "@sallyport/sdk";
import { tcpConnect } from "@sallyport/sdk/node";
import { must, query, type TestDatabase, testDatabase, until } from "@sallyport/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type ASeriesClient, requestBytes, type Verified } from "../src/index.ts";
import { WholeServer } from "./whole-server.ts";

/* The rules of seed 000, by a client with its own bytes. docs/seeds.md names each rule with its test. */

const password = "secret1";
const noId = Buffer.from(`30${"00".repeat(15)}`, "hex");
let server: WholeServer;
let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  server = await WholeServer.start({ DATABASE_URL: database.url, LOG_LEVEL: "debug" });
});
afterAll(async () => {
  await server.stop();
  await database.drop();
});
afterEach(() => server.leaveAll());

let accounts = 0;
async function registered(): Promise<string> {
  const email = `user${++accounts}@example.org`;
  expect(await (await server.aSeries()).registers(email, password)).toBe(137);
  return email;
}

const login = async (email: string, with_ = password): Promise<Verified | null> =>
  (await server.aSeries()).authenticates(email, with_);
const statusOf = async (email: string, with_ = password): Promise<number | undefined> =>
  (await login(email, with_))?.status;

/** Goes on with the id to the char-server, and into the world with a new character. */
async function plays(id: Uint8Array, name: string): Promise<Game> {
  const client = createClient({ connect: tcpConnect, login: server.place("login") });
  const select = must(await client.resume(id, server.place("char")));
  const { charId } = must(await select.create({ slot: 0, name }));
  return server.keep(must(await select.choose(charId)));
}

/** What came after the last answer until the server closed the connection. */
async function rest({ stream }: ASeriesClient): Promise<string> {
  await stream.closed;
  return stream.unread.toString("hex");
}

describe("a registration", () => {
  test("makes an account once: then its address is taken, however it is written", async () => {
    const email = await registered();
    for (const taken of [email, email.toUpperCase()])
      expect(await (await server.aSeries()).registers(taken, password)).toBe(128);
    expect(await statusOf(email)).toBe(200);
  });

  test.each([
    ["no address", "nobody", password],
    ["no text", "", password],
    ["a short password", "short@example.org", "x"],
    ["no password", "none@example.org", ""],
  ])("with %s is refused", async (_, email, with_) => {
    expect(await (await server.aSeries()).registers(email, with_)).toBe(128);
  });
});

describe("a login", () => {
  test("gets the same answer for an unknown address, a wrong password and the hash of the right one", async () => {
    const email = await registered();
    const hash = "5b11618c2e44027877d0cd0921ed166b9f176f50587fc91e7534dd2946db77d6";
    const answers = [
      await login("nobody@example.org"),
      await login(email, "wrong one"),
      await login(email, hash),
    ];
    const failed = { status: 401, authenticationId: noId, eventPort: 0 };
    expect(answers).toEqual([failed, failed, failed]);
    expect(await statusOf(email, "")).toBe(401);
  });

  test("gets an id that is new each time, and the event port 0", async () => {
    const email = await registered();
    const [first, second] = [await login(email), await login(email)];
    expect([first?.status, second?.status, second?.eventPort]).toEqual([200, 200, 0]);
    expect(first?.authenticationId).not.toEqual(second?.authenticationId);
  });

  test("of an administrator is answered by 201", async () => {
    const email = await registered();
    await query(database.url, "UPDATE accounts SET role = 'administrator' WHERE email = $1", [email]);
    expect(await statusOf(email)).toBe(201);
  });

  test("leads into the world with its id; the next one is told 471, and the one after it succeeds", async () => {
    const email = await registered();
    const game = await plays((await login(email))?.authenticationId ?? noId, "Ada");
    expect(await login(email)).toEqual({ status: 471, authenticationId: noId, eventPort: 0 });
    expect(await game.closed).toMatchObject({ reason: "logged-in-elsewhere" });
    await until(async () => (await statusOf(email)) === 200, { what: "the older login is forgotten" });
  });

  test("ends the id of the login before it", async () => {
    const email = await registered();
    const [old, newest] = [await login(email), await login(email)];
    await expect(plays(old?.authenticationId ?? noId, "Old")).rejects.toThrow("not-logged-in");
    await plays(newest?.authenticationId ?? noId, "Newest");
  });

  test("with any other bit in its account, login ids or sex is none", async () => {
    const id = (await login(await registered()))?.authenticationId ?? noId;
    const bits = { account: 0x01, loginId1: 0x80, loginId2: 0x01, sex: 0x80 };
    for (const [nth, bit] of Object.values(bits).entries()) {
      const changed = Buffer.from(id);
      changed.writeUInt8(id.readUInt8(4 * nth) ^ bit, 4 * nth);
      await expect(plays(changed, "Changed")).rejects.toThrow("not-logged-in");
    }
    await plays(id, "Unchanged");
  });

  test("is the one of native clients too: one account, one credential", async () => {
    const email = await registered();
    const native = createClient({ connect: tcpConnect, login: server.place("login") });
    must(await native.logIn({ name: email, password }));
    must(await native.changePassword({ name: email, password, newPassword: "secret two" }));
    expect(await statusOf(email)).toBe(401);
    expect(await statusOf(email, "secret two")).toBe(200);
  });
});

describe("a connection", () => {
  test("ends after one exchange, with nothing behind the answer", async () => {
    const email = await registered();
    const client = await server.aSeries();
    client.stream.send(
      Buffer.concat([requestBytes(0xa1, email, password), requestBytes(0xa1, email, password)]),
    );
    expect((await client.verified())?.status).toBe(200);
    expect(await rest(client)).toBe("");
  });

  test("gets its request in any pieces, and nobody waits for one that is slow", async () => {
    const email = await registered();
    const slow = await server.aSeries();
    const bytes = requestBytes(0xa1, email, password);
    slow.stream.send(bytes.subarray(0, 100));
    const others = await Promise.all(Array.from({ length: 20 }, () => statusOf("nobody@example.org")));
    expect(new Set(others)).toEqual(new Set([401]));
    for (const byte of bytes.subarray(100)) slow.stream.send(Uint8Array.of(byte));
    expect((await slow.verified())?.status).toBe(200);
  });

  test.each([0xa2, 0xa4, 0xa5, 0xaf, 0x64, -1])(
    "that begins with the type %i is closed without an answer, and no other is",
    async (type) => {
      const email = await registered();
      const [bad, good] = [await server.aSeries(), await server.aSeries()];
      bad.stream.send(requestBytes(type, email, password));
      expect(await rest(bad)).toBe("");
      expect((await good.authenticates(email, password))?.status).toBe(200);
    },
  );

  test("with a text that is no UTF-8 gets the answer of its kind", async () => {
    const bytes = requestBytes(0xa1, "", password);
    bytes.writeUInt16BE(0xfffe, 2);
    const client = await server.aSeries();
    client.stream.send(bytes);
    expect((await client.verified())?.status).toBe(401);
  });
});

test("neither a password nor an id is logged, at any level", async () => {
  const email = await registered();
  const secret = "a password for the log";
  await statusOf(email, secret);
  const id = (await login(email))?.authenticationId.toString("hex") ?? "";
  await server.process.untilSays(/"logged in"/);
  const { output } = server.process;
  for (const hidden of [password, secret, id]) expect(output).not.toContain(hidden);
});
