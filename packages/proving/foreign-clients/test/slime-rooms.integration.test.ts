import { until } from "@sallyport/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type SlimeClient, slimeFrame, str, u8, u16 } from "../src/index.ts";
import { isClosed, password, SlimeServer, sees, standsAt } from "./slime-server.ts";

/* Players of the protocol 0.106 in their rooms, by a client with its own bytes. */

let slime: SlimeServer;
beforeAll(async () => {
  slime = await SlimeServer.start();
});
afterAll(() => slime.stop());
afterEach(() => slime.server.leaveAll());

describe("in a room", () => {
  test("everybody sees who comes, moves, stops, talks, types, shows an emote and goes", async () => {
    const [mia, nils] = [await slime.plays("mia"), await slime.plays("nils")];
    expect(await sees(mia, "nils")).toMatchObject({ case: 1, x: 160, y: 120, room: 1, looks: [1, 0, 0] });
    const present = await sees(nils, "mia");
    expect(present).toMatchObject({ case: 2, room: 1, looks: [1, 0, 0] });
    const { pid } = present;

    mia.client.says(2, u8(2), u16(160), u16(120));
    mia.client.says(2, u8(6), u16(190), u16(120));
    mia.client.says(2, u8(4));
    for (const [direction, left] of [
      [2, 4],
      [6, 4],
      [4, 0],
    ] as const) {
      const heard = await nils.client.hears(2);
      expect([heard.short(), heard.byte(), heard.left]).toEqual([pid, direction, left]);
    }
    mia.client.says(43, u16(200), u16(120));
    expect((await nils.client.hears(43)).shorts(3)).toEqual([pid, 200, 120]);
    mia.client.says(133);
    expect((await nils.client.hears(133)).short()).toBe(pid);
    mia.client.says(23, u8(5));
    const emote = await nils.client.hears(23);
    expect([emote.short(), emote.byte()]).toEqual([pid, 5]);
    mia.client.says(17, str("hällo"));
    for (const [who, number] of [
      [mia, 1],
      [nils, pid],
    ] as const) {
      const heard = await who.client.hears(17);
      expect([heard.short(), heard.string()]).toEqual([number, "hällo"]);
    }
    mia.client.says(6);
    expect((await nils.client.hears(6)).short()).toBe(pid);
    expect(await isClosed(mia.client)).toBe(true);
    expect((await slime.comesBack("mia")).account).toMatchObject({ x: 200, y: 120 });
  });

  test("a throw of dice is an emote from 14 to 19, and the thrower learns it too", async () => {
    const olga = await slime.plays("olga");
    olga.client.says(23, u8(13));
    const heard = await olga.client.hears(23);
    expect(heard.short()).toBe(1);
    expect(heard.byte()).toSatisfy((emote: number) => emote >= 14 && emote <= 19);
  });

  test("players of other protocols are seen and heard, and see and hear", async () => {
    const paul = await slime.plays("paul");
    const quinn = await slime.server.native("Quinn");
    expect(await quinn.enterRoom("meadow")).toMatchObject({ ok: true });
    const { pid } = await sees(paul, "Quinn");
    const seen = () => [...quinn.actors.values()].find(({ name }) => name === "paul");
    expect(seen()).toMatchObject({ x: 160, y: 120 });
    await until(async () => (await quinn.report(180, 112)).ok, { what: "the first report" });
    expect((await paul.client.hears(43)).shorts(3)).toEqual([pid, 180, 112]);
    paul.client.says(2, u8(5), u16(150), u16(120));
    await until(() => seen()?.x === 150, { what: "the move" });
    const heard: string[] = [];
    quinn.on((event) => event.type === "actor.said" && heard.push(`${event.name}: ${event.text}`));
    await quinn.say("x".repeat(150));
    for (const length of [100, 50]) {
      const part = await paul.client.hears(17);
      expect([part.short(), part.string()]).toEqual([pid, "x".repeat(length)]);
    }
    paul.client.says(17, str("from a slime"));
    await until(() => heard.includes("paul: from a slime"), { what: "the line" });
    await quinn.leave();
    expect((await paul.client.hears(6)).short()).toBe(pid);
  });

  test("a client goes to another room with its place, and leaves the old one", async () => {
    const [rosa, sven] = [await slime.plays("rosa"), await slime.plays("sven")];
    await Promise.all([sees(rosa, "sven"), sees(sven, "rosa")]);
    sven.client.says(14, u16(2), u16(900), u16(100));
    await rosa.client.hears(6);
    rosa.client.says(14, u16(2), u16(910), u16(100));
    expect(await sees(rosa, "sven")).toMatchObject({ case: 2, x: 900, y: 100, room: 2 });
    expect(await sees(sven, "rosa")).toMatchObject({ case: 1, x: 910, y: 100, room: 2 });
    rosa.client.says(6);
    await isClosed(rosa.client);
    expect((await slime.comesBack("rosa")).account).toMatchObject({ x: 910, y: 100, room: 2 });
  });

  test("a room that does not exist, and a place outside of it, put the client back", async () => {
    const { client } = await slime.plays("tom");
    client.says(14, u16(99), u16(1), u16(1));
    expect((await client.hears(77)).shorts(3)).toEqual([1, 160, 120]);
    client.says(43, u16(5_000), u16(120));
    expect((await client.hears(77)).shorts(3)).toEqual([1, 160, 120]);
  });

  test("an operator who moves the character moves its client", async () => {
    const { client } = await slime.plays("uwe");
    expect(await slime.registers("warden", password)).toBe(1);
    await slime.rows("UPDATE accounts SET role = 'gamemaster' WHERE name = 'warden'");
    const warden = await slime.server.native("warden", password);
    await warden.enterRoom("grove", { x: 300, y: 90 });
    expect(await warden.order({ order: "summon", player: "uwe" })).toMatchObject({ ok: true });
    const [room, x = 0, y = 0] = (await client.hears(77)).shorts(3);
    expect([room, Math.floor(x / 32), Math.floor(y / 32)]).toEqual([
      2,
      Math.floor(300 / 32),
      Math.floor(90 / 32),
    ]);
  });

  test("pings come to an end between a client and a server that both answer them", async () => {
    const { client } = await slime.plays("vera");
    client.says(9);
    await client.hears(9);
    client.says(9);
    client.says(117);
    // The answer to the second ping would be before this one.
    expect((await client.next())?.id).toBe(117);
  });

  test("a save is acknowledged when it is stored, and the player plays on", async () => {
    const { client } = await slime.plays("wim");
    await standsAt(client, 172, 131);
    client.says(19);
    expect((await client.hears(19)).left).toBe(0);
    const rows = await slime.rows("SELECT map, x, y FROM characters WHERE name = 'wim'");
    expect(rows).toEqual([{ map: "meadow", x: 172, y: 131 }]);
    client.says(19);
    await client.hears(19);
    client.says(117);
    expect((await client.next())?.id).toBe(117);
  });
});

describe("bad input", () => {
  test.each([
    ["a frame that is too long", (client: SlimeClient) => client.stream.send(Buffer.from("0120", "hex"))],
    ["a message of the game before the login", (client: SlimeClient) => client.says(17, str("hello"))],
    [
      "junk before the login",
      (client: SlimeClient) => client.stream.send(Buffer.concat([u16(3), Buffer.alloc(3, 0xff)])),
    ],
    ["a login that ends too soon", (client: SlimeClient) => client.says(10, str("0.106"), str("xena"))],
  ])("%s ends that connection alone, without an answer", async (_, sends) => {
    const [bad, good] = [await slime.connects(), await slime.connects()];
    sends(bad);
    expect(await isClosed(bad)).toBe(true);
    expect(bad.stream.unread).toHaveLength(0);
    expect(await good.logsIn("nobody_has_it", password)).toBe(2);
  });

  test("unknown messages are passed over, and the third junk closes", async () => {
    const { client } = await slime.plays("xaver");
    for (const id of [5, 12, 28, 47, 84, 200, 65_535]) client.says(id, u16(1));
    client.says(17);
    client.says(14, u16(1));
    client.says(117);
    expect((await client.next())?.id).toBe(117);
    client.says(2, u8(77));
    expect(await isClosed(client)).toBe(true);
  });

  test("a frame may come byte by byte", async () => {
    const client = await slime.connects();
    const frame = slimeFrame(u16(10), str("0.106"), str("nobody_has_it"), str("x"), str("m"));
    for (const byte of frame) client.stream.send(Buffer.of(byte));
    expect(Array.from((await client.next())?.payload ?? [])).toEqual([10, 0, 2]);
  });

  test("more than ten lines in ten seconds reach nobody", async () => {
    const [yara, zeno] = [await slime.plays("yara"), await slime.plays("zeno")];
    for (let nth = 1; nth <= 12; nth += 1) yara.client.says(17, str(`line ${nth}`));
    yara.client.says(6);
    const lines: string[] = [];
    for (let heard = await zeno.client.next(); heard?.id !== 6; heard = await zeno.client.next()) {
      if (heard === null) throw new Error("the connection ended");
      if (heard.id === 17) lines.push(heard.string());
    }
    expect(lines).toHaveLength(10);
  });
});

// This test is the last one, because it ends the server.
test("a stop is told to each client, and every character is saved where it was", async () => {
  const { client } = await slime.plays("zoe");
  await standsAt(client, 170, 125);
  slime.server.process.signal("SIGTERM");
  expect((await client.hears(24)).string()).toContain("The server is stopping.");
  expect(await isClosed(client)).toBe(true);
  expect(await slime.server.process.untilEnded()).toBe(0);
  const rows = await slime.rows("SELECT map, x, y FROM characters WHERE name = 'zoe'");
  expect(rows).toEqual([{ map: "meadow", x: 170, y: 125 }]);
});
