import { lockTable, query, until } from "@sallyport/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { jsonFrame, ResourceClient } from "../src/index.ts";
import { LoginAndResource, type Person } from "./login-and-resource.ts";

/*
 * The rules of the resource server of seed 002, by a client with its own bytes, with tokens of a login-server.
 * docs/seeds.md names each rule with its test.
 */

let servers: LoginAndResource;
let first: Person;
let admin: Person;
beforeAll(async () => {
  servers = await LoginAndResource.start();
  first = await servers.person("first");
  const client = await servers.client(first);
  expect(await client.gets(21)).toEqual([1]);
  admin = await servers.person("root", true);
});
afterAll(() => servers?.stop());
afterEach(() => servers.leaveAll());

let names = 0;
const somebody = (): Promise<Person> => servers.person(`user_${++names}`);
async function boardFor(permission: number, ascending = false): Promise<number> {
  const fields = { leaderboard_permission: permission, leaderboard_ascending: ascending };
  return (await servers.client(admin)).gets(3, { leaderboard_name: `Board ${++names}`, ...fields });
}
async function takesNobody(): Promise<boolean> {
  try {
    const client = await ResourceClient.connect(servers.tcp, first);
    const reply = await client.asks(21);
    client.stream.destroy();
    return reply === null;
  } catch {
    return true;
  }
}
const isSeconds = (value: unknown): boolean =>
  Number.isInteger(value) && Math.abs(Number(value) - Date.now() / 1_000) < 3_600;

test("requests 1 to 21, each by its number and with the data of the facts", async () => {
  const [person, other] = [await somebody(), await somebody()];
  const [root, author, reader] = [
    await servers.client(admin),
    await servers.client(person),
    await servers.client(other),
  ];
  const [rootId] = await root.gets<[number]>(21);
  const [authorId] = await author.gets<[number]>(21);
  const [readerId] = await reader.gets<[number]>(21);

  const board = {
    leaderboard_id: await root.gets<number>(3, {
      ...{ leaderboard_name: "Speed", leaderboard_permission: -5, leaderboard_ascending: true },
    }),
  };
  expect(await author.gets(1)).not.toContainEqual([board.leaderboard_id, "Speed", 0]);
  expect(await root.gets(15, { ...board, user_id: authorId, permission: 2 })).toBeNull();
  expect(await root.gets(15, { ...board, user_id: readerId, permission: 1 })).toBeNull();
  expect(await author.gets(1)).toContainEqual([board.leaderboard_id, "Speed", 2]);
  expect(await root.gets(7, board)).toEqual([
    [readerId, other.identity, 1],
    [authorId, person.identity, 2],
  ]);
  expect(await root.gets(10, { user_id: authorId })).toEqual([[board.leaderboard_id, 2]]);

  const slow = { entry_id: await author.gets<number>(4, { ...board, score: 61.25, comment: "first" }) };
  const fast = { entry_id: await author.gets<number>(4, { ...board, score: 59, comment: "" }) };
  const [waiting] = await root.gets<unknown[][]>(6, board);
  expect(waiting?.slice(0, 4)).toEqual([slow.entry_id, authorId, person.identity, 61.25]);
  expect(isSeconds(waiting?.[4])).toBe(true);
  expect(await reader.gets(6, board)).toEqual([]);
  for (const entry of [slow, fast]) expect(await root.gets(11, { ...entry, verified: true })).toBeNull();
  expect(await root.asks(11, { ...slow, verified: true })).toMatchObject({ success: false });
  for (const each of [root, author]) expect(await each.gets(6, board)).toEqual([]);

  expect(await root.gets(13, { ...slow, content: "well run" })).toBeNull();
  const file = Buffer.from([0, 1, 254, 255]).toString("base64");
  expect(await author.gets(18, { ...slow, filename: "run.bin", file })).toBeNull();
  const shown = await reader.gets<{
    entry: unknown[];
    comments: unknown[][];
    files: [number, string, number][];
  }>(8, slow);
  expect(shown.entry.slice(0, 4)).toEqual([slow.entry_id, authorId, person.identity, 61.25]);
  expect(shown.entry.slice(5, 8)).toEqual([true, rootId, admin.identity]);
  expect([isSeconds(shown.entry[4]), isSeconds(shown.entry[8])]).toEqual([true, true]);
  expect(shown.comments.map(([identity, , content]) => [identity, content])).toEqual([
    [person.identity, "first"],
    [admin.identity, "well run"],
  ]);
  const fileId = shown.files[0]?.[0];
  expect(shown.files[0]?.[1]).toBe("run.bin");
  expect(await reader.gets(19, { file_id: fileId })).toBe(file);
  expect(await author.gets(20, { file_id: fileId })).toBeNull();

  const listed = async () =>
    (await reader.gets<{ id: number; name: string; entries: number[][] }>(2, board)).entries.map(
      ([id]) => id,
    );
  expect(await listed()).toEqual([fast.entry_id, slow.entry_id]);
  expect(await root.gets(17, { ...board, ascending: false })).toBeNull();
  expect(await listed()).toEqual([slow.entry_id, fast.entry_id]);

  expect(await reader.gets(5)).toContainEqual([authorId, person.identity]);
  const user = await reader.gets<{ user_data: unknown[]; entries: unknown[][] }>(9, { user_id: authorId });
  expect(user.user_data[0]).toBe(person.identity);
  expect(user.entries.map((entry) => entry.slice(0, 4))).toEqual([
    [slow.entry_id, board.leaderboard_id, 61.25, true],
    [fast.entry_id, board.leaderboard_id, 59, true],
  ]);
  expect(await author.gets(14, fast)).toBeNull();
  expect(await root.gets(16, { user_id: readerId })).toBeNull();
  expect(await root.gets(12, board)).toBeNull();
  expect(await author.asks(2, board)).toMatchObject({
    success: false,
    data: "Bad request. leaderboard_id: there is no such leaderboard",
  });
});

describe("a user", () => {
  test("is who the token says; the seed believes the identity", async () => {
    const person = await somebody();
    const impostor = await servers.client({ identity: admin.identity, token: person.token });
    expect(await impostor.asks(1)).toMatchObject({ success: false, refusal: "token" });
    const nobody = await servers.client({ identity: admin.identity, token: admin.identity });
    expect(await nobody.asks(1)).toMatchObject({ success: false, refusal: "token" });
  });

  test("is an administrator by the role of the account; in the seed, the first one is", async () => {
    const fields = { leaderboard_name: "Mine", leaderboard_permission: 0, leaderboard_ascending: true };
    const answer = await (await servers.client(first)).asks(3, fields);
    expect(answer).toEqual({ success: false, data: "Access Denied", refusal: "access-denied" });
    expect(await boardFor(1)).toBeGreaterThan(0);
  });

  test("whose account is banned is refused on the connection that it has", async () => {
    const person = await somebody();
    const client = await servers.client(person);
    await client.gets(21);
    await query(servers.accounts.url, "UPDATE accounts SET banned_until = 'infinity' WHERE name = $1", [
      person.identity,
    ]);
    const revoked = async () => (await client.asks(21))?.data === "Bad request. token: revoked";
    await until(revoked, { what: "the ban is known" });
  });
});

describe("a request", () => {
  test("comes in any pieces, and nobody waits for a client that is slow", async () => {
    const [slow, quick] = [await servers.client(first), await servers.client(first)];
    const bytes = jsonFrame({ type: 21, ...first });
    slow.stream.send(bytes.subarray(0, 40));
    for (let count = 0; count < 20; count += 1) expect(await quick.gets(21)).toEqual([1]);
    for (const byte of bytes.subarray(40)) slow.stream.send(Uint8Array.of(byte));
    expect(await slow.reply()).toEqual({ success: true, data: [1] });
  });

  test("of an unknown type is a bad request, and the next one is answered", async () => {
    const client = await servers.client(first);
    for (const type of [0, 22, "1", null])
      expect(await client.asks(type)).toMatchObject({ success: false, refusal: "unknown-type" });
    expect(await client.gets(21)).toEqual([1]);
  });

  test("with a wrong field is a bad request that names the field, and the next one is answered", async () => {
    const client = await servers.client(first);
    expect(await client.asks(2)).toMatchObject({ data: "Bad request. leaderboard_id: missing" });
    expect((await client.asks(2, { leaderboard_id: "1" }))?.data).toMatch(
      /^Bad request\. leaderboard_id: not a /,
    );
    expect(await client.gets(21)).toEqual([1]);
  });

  test.each([
    ["no JSON", Buffer.from("hello")],
    ["no object", Buffer.from("[1]")],
    ["no UTF-8", Buffer.from([0x7b, 0xff, 0x7d])],
    ["no bytes", Buffer.alloc(0)],
  ])("with %s is answered once, and that connection alone ends", async (_, body) => {
    const [client, other] = [await servers.client(first), await servers.client(first)];
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    client.stream.send(Buffer.concat([length, body, jsonFrame({ type: 21, ...first })]));
    expect(await client.reply()).toMatchObject({ success: false, refusal: "malformed" });
    expect(await client.reply()).toBeNull();
    expect(await other.gets(21)).toEqual([1]);
  });

  test("of any type gets one answer, whatever its fields are, and so does the next one", async () => {
    const client = await servers.client(await somebody());
    const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
    const values = [
      ...[null, true, {}, [], "", "\u0000", "\ud800", "x".repeat(50_000)],
      ...[-1, 0, 1.5, 1e308, 2 ** 53, 1, nested(200), { toString: 1, __proto__: null }],
    ];
    const names = [
      ...[
        "leaderboard_id",
        "leaderboard_name",
        "leaderboard_permission",
        "leaderboard_ascending",
        "entry_id",
      ],
      ...[
        "user_id",
        "file_id",
        "score",
        "comment",
        "content",
        "verified",
        "permission",
        "ascending",
        "filename",
      ],
      ...["file", "limit", "offset"],
    ];
    for (let type = 1; type <= 21; type += 1)
      for (const value of values) {
        const reply = await client.asks(type, Object.fromEntries(names.map((name) => [name, value])));
        expect(reply?.success, `${type}: ${JSON.stringify(value).slice(0, 40)}`).toBeTypeOf("boolean");
      }
    expect(await client.gets(21)).toEqual([expect.any(Number)]);
  });

  test("of more than 8 MiB is answered before it comes", async () => {
    const client = await servers.client(first);
    client.stream.send(Buffer.from("00800001", "hex"));
    expect(await client.reply()).toMatchObject({ success: false, refusal: "too-long" });
    expect(await client.reply()).toBeNull();
  });

  test("with a proof of 6,000,000 bytes is taken, and the proof comes back as it was", async () => {
    const board = await boardFor(2);
    const author = await servers.client(await somebody());
    const entry_id = await author.gets<number>(4, { leaderboard_id: board, score: 1, comment: "" });
    const bytes = Buffer.from(Array.from({ length: 6_000_000 }, (_, index) => (index * 7) % 251));
    await author.gets(18, { entry_id, filename: "film.bin", file: bytes.toString("base64") });
    const { files } = await author.gets<{ files: [number][] }>(8, { entry_id });
    const file = await author.gets<string>(19, { file_id: files[0]?.[0] });
    expect(Buffer.from(file, "base64").equals(bytes)).toBe(true);
  });

  test("waits for the one before it on its connection, and for no other connection", async () => {
    const board = await boardFor(2);
    const person = await somebody();
    const clients = await Promise.all(Array.from({ length: 40 }, () => servers.client(person)));
    const ids = await Promise.all(
      clients.map(async (client) => {
        for (let score = 0; score < 10; score += 1)
          client.send(4, { leaderboard_id: board, score, comment: "" });
        const answers: number[] = [];
        for (let score = 0; score < 10; score += 1) answers.push(Number((await client.reply())?.data));
        return answers;
      }),
    );
    for (const each of ids) expect(each).toEqual([...each].sort((one, two) => one - two));
    expect(new Set(ids.flat()).size).toBe(400);
  });
});

describe("an answer", () => {
  test("to a change is given when it is on disk: a server that is killed has forgotten nothing", async () => {
    const board = await boardFor(2);
    const person = await somebody();
    const entries: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const client: ResourceClient = await servers.client(person);
      for (let score = 0; score < 5; score += 1)
        entries.push(await client.gets<number>(4, { leaderboard_id: board, score, comment: "" }));
      await servers.killAndStart();
    }
    const stored = await (await servers.client(person)).gets<[number][]>(6, { leaderboard_id: board });
    expect(stored.map(([id]) => id)).toEqual(entries);
  });

  test("over HTTP is the same", async () => {
    const board = await boardFor(1);
    const headers = { authorization: `Bearer ${first.token}` };
    const [tcp, http] = [
      await (await servers.client(first)).asks(2, { leaderboard_id: board }),
      await (await fetch(`${servers.http}/leaderboards/${board}`, { headers })).json(),
    ];
    expect(http).toEqual(tcp);
    const denied = await fetch(`${servers.http}/leaderboards/${board}`, { method: "DELETE", headers });
    expect([denied.status, await denied.json()]).toEqual([
      403,
      { success: false, data: "Access Denied", refusal: "access-denied" },
    ]);
    expect((await fetch(`${servers.http}/me`)).status).toBe(401);
    expect(
      ((await (await fetch(`${servers.http}/openapi.json`)).json()) as { openapi: string }).openapi,
    ).toBe("3.1.0");
  });

  test("to what is under way is given before the server stops", async () => {
    const leaderboard = { leaderboard_id: await boardFor(2) };
    const person = await somebody();
    const client = await servers.client(person);
    const lock = await lockTable(servers.leaderboards.url, "resource.leaderboard_entries");
    client.send(4, { ...leaderboard, score: 7, comment: "" });
    await until(async () => (await lock.waiting()) === 1, { what: "the request waits" });
    client.send(4, { ...leaderboard, score: 8, comment: "" });
    const ended = servers.resource.stop();
    await until(takesNobody, { what: "the server takes no more clients" });
    await lock.commit();
    expect(await client.reply()).toMatchObject({ success: true });
    for (let later = await client.reply(); later !== null; later = await client.reply())
      expect(later).toMatchObject({ success: false, refusal: "unavailable" });
    expect(await ended).toBe(0);
    await servers.startAgain();
    const stored = await (await servers.client(person)).gets<unknown[][]>(6, leaderboard);
    expect(stored.map(([, , , score]) => score)).toEqual([7]);
  });
});

test("no token and no password is logged, at any level", async () => {
  for (const line of ["resource-server ready", '"command":"AddProof"'])
    expect(servers.output).toContain(line);
  for (const secret of servers.secrets) expect(servers.output).not.toContain(secret);
});
