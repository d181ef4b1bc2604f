import { until } from "@sallyport/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { rc4, slimeFrame, str, u16 } from "../src/index.ts";
import { isClosed, password, SlimeServer, standsAt } from "./slime-server.ts";
import { WholeServer } from "./whole-server.ts";

/* The login of seed 004, by a client with its own bytes. docs/seeds.md names each rule with its test. */

const wrong = "secret2";
let slime: SlimeServer;
beforeAll(async () => {
  slime = await SlimeServer.start();
});
afterAll(() => slime.stop());
afterEach(() => slime.server.leaveAll());

test("its RC4 is the published one, and the bytes are those of the original", () => {
  expect(rc4("Key", Buffer.from("Plaintext")).toString("hex")).toBe("bbf316e8d940af0ad3");
  expect(slimeFrame(u16(17), str("Hello!")).toString("hex")).toBe("090073a24d40eb22ce5602");
  expect(slimeFrame(u16(9)).toString("hex")).toBe("02006ba2");
});

describe("REGISTER", () => {
  test("makes an account in the form of the seed and in that of the real client", async () => {
    expect(await slime.registers("anna_1", password)).toBe(1);
    expect(await slime.registers("Anna_2", password, { form: "real" })).toBe(1);
    expect(await slime.logsIn("anna_1", password)).toMatchObject({ name: "anna_1" });
    expect(await slime.logsIn("ANNA_2", password)).toMatchObject({ name: "ANNA_2" });
  });

  test.each([
    ["of another version", "ben", password, { version: "0.105" }],
    ["with a name of 2 characters", "ab", password, {}],
    ["with a name of 21 characters", "a".repeat(21), password, {}],
    ["with another character in the name", "ben ben", password, {}],
    ["with an e-mail address", "ben@example.org", password, {}],
    ["with a short password", "ben", "x", {}],
  ])("%s is answered by 2, and the end", async (_, name, with_, more) => {
    const client = await slime.connects();
    expect(await client.registers(name, with_, more)).toBe(2);
    expect(await isClosed(client)).toBe(true);
  });

  test("of a name that exists is answered by 2, however it is written", async () => {
    expect(await slime.registers("carl", password)).toBe(1);
    expect(await slime.registers("CARL", wrong)).toBe(2);
    expect(await slime.logsIn("carl", wrong)).toBe(3);
  });

  test("may be followed by a login on the same connection", async () => {
    const client = await slime.connects();
    expect(await client.registers("dora", password)).toBe(1);
    expect(await client.logsIn("dora", password)).toMatchObject({ name: "dora" });
  });
});

describe("LOGIN", () => {
  test("is answered with the whole account: the character of the seed, the time and the message of the day", async () => {
    const before = Math.floor(Date.now() / 1_000);
    const { account, client } = await slime.plays("emil");
    const nine = Array(9).fill(0);
    const at = new Date(account.time * 1_000);
    expect(account).toEqual({
      ...{ pid: 1, time: expect.any(Number), motd: "Grüße!", name: "emil", x: 160, y: 120, room: 1 },
      ...{ day: at.getUTCDay() + 1, hour: at.getUTCHours(), minute: at.getUTCMinutes() },
      ...{ body: 1, acs1: 0, acs2: 0, points: 0, signature: 0, questId: 0, questStep: 0 },
      ...{ treesPlanted: 0, objectsBuilt: 0, emotes: [0, 0, 0, 0, 0] },
      ...{ outfits: nine, accessories: nine, items: nine, tools: nine },
    });
    expect(account.time).toBeGreaterThanOrEqual(before);
    expect(client.stream.unread).toHaveLength(0);
  });

  test("tells the attributes that the character has", async () => {
    const { client } = await slime.plays("fay");
    client.says(6);
    await isClosed(client);
    const attributes = `jsonb_set(jsonb_set(attributes, '{slime,points}', '77'), '{slimeLooks,body}', '9')`;
    await slime.rows(`UPDATE characters SET attributes = ${attributes} WHERE name = 'fay'`);
    expect((await slime.comesBack("fay")).account).toMatchObject({ points: 77, body: 9 });
  });

  test("of another version is answered by 5", async () => {
    expect(await slime.logsIn("anybody", password, { version: "0.107" })).toBe(5);
  });

  test("of a name that nobody has is answered by 2, and with a wrong password by 3, and the connection ends", async () => {
    expect(await slime.registers("greta", password)).toBe(1);
    expect(await slime.logsIn("nobody_has_it", password)).toBe(2);
    const client = await slime.connects();
    expect(await client.logsIn("greta", wrong)).toBe(3);
    expect(await isClosed(client)).toBe(true);
    expect(await slime.logsIn("greta", password)).toMatchObject({ name: "greta" });
  });

  test("to a banned account is answered by 6, also before the password is right", async () => {
    expect(await slime.registers("hugo", password)).toBe(1);
    await slime.rows("UPDATE accounts SET banned_until = 'infinity' WHERE name = 'hugo'");
    expect([await slime.logsIn("hugo", password), await slime.logsIn("hugo", wrong)]).toEqual([6, 6]);
  });

  test("from a banned address is answered by 7, and REGISTER by 3", async () => {
    expect(await slime.registers("ida", password)).toBe(1);
    const from = "127.0.0.41";
    await slime.rows(
      `INSERT INTO network_bans (kind, network, reason) VALUES ('network', '${from}/32', 'x')`,
    );
    await until(async () => (await (await slime.connects(from)).logsIn("ida", password)) === 7, {
      what: "the ban",
    });
    expect(await (await slime.connects(from)).registers("ida_2", password)).toBe(3);
    expect(await slime.logsIn("ida", password)).toMatchObject({ name: "ida" });
  });

  test("from a banned device is answered by 8, and REGISTER by 4, however the device is written", async () => {
    expect(await slime.registers("jon", password)).toBe(1);
    await slime.rows(
      "INSERT INTO network_bans (kind, device, reason) VALUES ('device', 'AA-BB-CC-00-11-22', 'x')",
    );
    const device = "aa:bb:cc:00:11:22";
    await until(async () => (await slime.logsIn("jon", password, { device })) === 8, { what: "the ban" });
    expect(await slime.registers("jon_2", password, { device })).toBe(4);
    expect(await slime.logsIn("jon", password)).toMatchObject({ name: "jon" });
  });

  test("of an account that plays puts the older client out, with the reason and its character saved", async () => {
    const older = await slime.plays("kim");
    await standsAt(older.client, 200, 130);
    const newer = await slime.comesBack("kim");
    expect((await older.client.hears(24)).string()).toBe("Logged in from another location");
    expect(await isClosed(older.client)).toBe(true);
    expect(newer.account).toMatchObject({ x: 200, y: 130, room: 1 });
  });

  test("is what the trail knows of a session: the account, the address and the device", async () => {
    const device = "12-34-56-78-9A-BC";
    expect(await slime.registers("lena", password)).toBe(1);
    await (await slime.connects("127.0.0.42")).logsIn("lena", password, { device });
    const rows = `SELECT what, host(address) AS address, device FROM trail WHERE what IN ('registered', 'login')
      AND account_id = (SELECT id FROM accounts WHERE name = 'lena') ORDER BY id`;
    await until(async () => (await slime.rows(rows)).length === 2, { what: "the trail" });
    expect(await slime.rows(rows)).toEqual([
      { what: "registered", address: "127.0.0.1", device: "00-11-22-33-44-55" },
      { what: "login", address: "127.0.0.42", device },
    ]);
  });
});

describe("without SLIME_SAYS_NO_ACCOUNT, and with SLIME_SECOND_LOGIN=reject", () => {
  let other: WholeServer;
  beforeAll(async () => {
    other = await WholeServer.start({ DATABASE_URL: slime.database.url, SLIME_SECOND_LOGIN: "reject" });
  });
  afterAll(() => other.stop());

  test("an unknown name and a banned account are wrong passwords until the password is right", async () => {
    const answer = async (name: string, with_: string) => (await other.slime()).logsIn(name, with_);
    expect(await (await other.slime()).registers("ludwig", password)).toBe(1);
    await slime.rows("UPDATE accounts SET banned_until = 'infinity' WHERE name = 'ludwig'");
    expect(await answer("nobody_has_it", wrong)).toBe(3);
    expect([await answer("ludwig", wrong), await answer("ludwig", password)]).toEqual([3, 6]);
  });

  test("a second login is answered by 4, the older client has to go, and a later login succeeds", async () => {
    const first = await other.slime();
    await first.registers("martha", password);
    expect(await first.logsIn("martha", password)).toMatchObject({ name: "martha", body: 1 });
    first.says(17, str("without a game"));
    expect((await first.hears(17)).short()).toBe(1);
    const again = async () => (await other.slime()).logsIn("martha", password);
    expect(await again()).toBe(4);
    expect((await first.hears(24)).string()).toBe("Logged in from another location");
    await until(async () => typeof (await again()) === "object", { what: "the later login" });
  });
});

test("no password is in the log", () => {
  expect(slime.server.process.output).toContain('"dialect":"slime"');
  for (const each of [password, wrong]) expect(slime.server.process.output).not.toContain(each);
});
