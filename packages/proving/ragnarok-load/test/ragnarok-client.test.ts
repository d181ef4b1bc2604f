import { ManualClock, until } from "@sallyport/testkit";
import { expect, it } from "vitest";
import { InVain, RagnarokClient } from "../src/index.ts";
import { bytes, charBlock, move, recorded, serverChangedTo, text, worldList, zoneAt } from "./bytes.ts";
import { clientAt, cluster, echo, enter, list, loaded, loadedAndTimeBytes } from "./scripted-cluster.ts";
import { ScriptedDoor, type Visit } from "./scripted-door.ts";

it("the client passes all doors with a recorded client's bytes, plays, and quits", async () => {
  const { login } = await cluster(async (visit) => {
    expect(await visit.take(9)).toEqual(recorded.walk);
    visit.send(recorded.ownWalk);
    expect(await visit.take(28)).toEqual(recorded.say);
    visit.send(recorded.ownWords);
    expect(await visit.take(14)).toEqual(recorded.name);
    visit.send(recorded.nameTold);
    expect(await visit.take(4)).toEqual(bytes("8a01 0000"));
    visit.send(bytes("8b01 0000"));
    await visit.ended;
  });
  const client = await enter(login);
  expect(client.place).toEqual({ map: "prontera", x: 156, y: 191 });
  expect(await client.walk({ x: 150, y: 181 })).toMatchObject({ to: { x: 150, y: 181 } });
  expect(await client.say("hello from A")).toMatchObject({ text: "TestChar : hello from A" });
  expect(await client.nameOf(2_000_000)).toMatchObject({ name: "TestChar" });
  expect(await client.quit()).toMatchObject({ code: 0 });
  await client.untilClosed();
  expect(client.faults).toEqual([]);
  const kinds = client.journal.entries.map(({ kind, door, connection }) => `${connection} ${door} ${kind}`);
  expect(kinds).toContain("2 char account-id");
  expect(kinds.filter((kind) => kind.endsWith("opened"))).toHaveLength(3);
  expect(client.journal.entries.at(-1)).toMatchObject({ kind: "closed", door: "map", by: "client" });
});

it("the client manages without an account id, unless it always reads four bytes", async () => {
  const { login } = await cluster(async (visit) => visit.ended, []);
  const client = await enter(login);
  await client.leave();
  expect(client.faults).toEqual([]);
  const eater = clientAt(login, { manner: "robrowser", withinMs: 500 });
  await eater.login();
  await expect(eater.enterChar()).rejects.toThrow(InVain);
  expect(eater.faults.map(({ fault }) => fault)).toEqual(["account-id", "unknown-opcode"]);
});

it("the client accepts the bare account id on the map like the packet for it", async () => {
  const map = await ScriptedDoor.open(async (visit) => {
    await visit.take(19);
    visit.send(echo, bytes("7300 aa4e2700 270bf4 05 05"));
    await visit.ended;
  });
  const char = await ScriptedDoor.open(async (visit) => visit.send(list, zoneAt(map.port)));
  const login = await ScriptedDoor.open(async (visit) => visit.send(worldList(char.port)));
  const client = clientAt(login);
  await client.login();
  await client.enterChar();
  await client.select(0).catch(() => null);
  expect(await client.enterMap()).toMatchObject({ type: "ZC_ACCEPT_ENTER", cell: { x: 156, y: 191 } });
  expect(client.faults).toEqual([]);
  await client.leave();
});

it("the client says that it has loaded after each map change, and forgets the actors that it saw", async () => {
  const { login } = await cluster(async (visit) => {
    const other = bytes("f907 5700 00 80841e00", recorded.standing.subarray(9));
    visit.send(other, recorded.mapChanged);
    expect(await visit.take(2)).toEqual(loaded);
    visit.send(other);
    await visit.ended;
  });
  const client = await enter(login);
  await client.until("moved", () => client.place?.map === "prt_fild08");
  expect(client.units.size).toBe(0);
  await client.until("seen", () => client.units.has(2_000_000));
  expect(client.faults).toEqual([]);
  await client.leave();
});

it("the client goes to another map-server with the same ids when it is sent there", async () => {
  const second = await ScriptedDoor.open(async (visit) => {
    const hello = await visit.take(19);
    expect(hello.subarray(0, 14)).toEqual(recorded.enterMap.subarray(0, 14));
    visit.send(recorded.mapEntered);
    expect((await visit.take(2)).subarray(0, 2)).toEqual(loaded);
    await visit.ended;
  });
  let isLeft = false;
  const { login } = await cluster(async (visit) => {
    visit.send(serverChangedTo(second.port));
    await visit.ended;
    isLeft = (await visit.take(1)).length === 0;
  });
  const client = await enter(login);
  await client.until("arrived", () => client.place?.map === "izlude");
  await client.until("left without a word", () => isLeft);
  expect(client.faults).toEqual([]);
  await client.leave();
});

it("the client reports that the map-server that it was sent to does not admit it, and leaves", async () => {
  let isLeft = false;
  const full = await ScriptedDoor.open(async (visit) => {
    await visit.take(19);
    visit.send(bytes("7400 02"));
    await visit.ended;
    isLeft = true;
  });
  const { login } = await cluster(async (visit) => visit.send(serverChangedTo(full.port)));
  const client = await enter(login);
  await client.until("told", () => client.faults.length > 0);
  expect(client.faults).toMatchObject([{ fault: "hop-in-vain", detail: "izlude: 0074 2" }]);
  await client.until("left by itself", () => isLeft);
  expect(client.door).toBeNull();
});

it("the client goes back to character select with its ids, and creates and deletes a character", async () => {
  const map = await ScriptedDoor.open(async (visit) => {
    await visit.take(19);
    visit.send(recorded.mapEntered);
    await visit.take(loadedAndTimeBytes);
    expect(await visit.take(3)).toEqual(recorded.restart);
    visit.send(recorded.restarted);
    await visit.ended;
  });
  const first = async (visit: Visit): Promise<void> => {
    await visit.take(17);
    visit.send(echo, list);
    await visit.take(3);
    visit.send(zoneAt(map.port));
  };
  const again = async (visit: Visit): Promise<void> => {
    expect(await visit.take(17)).toEqual(recorded.enterChar);
    visit.send(echo, list);
    expect((await visit.take(37)).subarray(0, 26)).toEqual(bytes("6700", text("Second", 24)));
    visit.send(bytes("6d00", charBlock(150_002, "Second", 1)));
    await visit.take(37);
    visit.send(bytes("6e00 00"));
    expect(await visit.take(46)).toEqual(bytes("6800 f2490200", text("a@a.com", 40)));
    visit.send(bytes("6f00"));
    await visit.take(46);
    visit.send(bytes("7000 01"));
    await visit.ended;
  };
  const char = await ScriptedDoor.open(first, again);
  const login = await ScriptedDoor.open(async (visit) => visit.send(worldList(char.port)));
  const client = await enter(login);
  expect(await client.restart()).toMatchObject({ code: 1 });
  await client.enterChar();
  expect(await client.create({ name: "Second", slot: 1 })).toMatchObject({ character: { charId: 150_002 } });
  expect(client.characters.map(({ name }) => name)).toEqual(["TestChar", "Second"]);
  expect(await client.create({ name: "Second", slot: 2 })).toMatchObject({
    type: "HC_REFUSE_MAKECHAR",
    code: 0,
  });
  expect(await client.delete(150_002, "a@a.com")).toMatchObject({ type: "HC_ACCEPT_DELETECHAR" });
  expect(await client.delete(150_002)).toMatchObject({ type: "HC_REFUSE_DELETECHAR", code: 1 });
  await client.leave();
  expect(client.faults).toEqual([]);
});

it("the client returns refusals as answers, and no answer if the connection ends", async () => {
  const refusing = async (answer: Buffer): Promise<RagnarokClient> =>
    clientAt(await ScriptedDoor.open(async (visit) => visit.send(answer)));
  expect(await (await refusing(recorded.loginRefused)).login()).toMatchObject({
    type: "AC_REFUSE_LOGIN",
    code: 1,
  });
  expect(await (await refusing(bytes("8100 08"))).login()).toMatchObject({ type: "SC_NOTIFY_BAN", code: 8 });
  const closing = clientAt(await ScriptedDoor.open(async (visit) => visit.end()));
  await expect(closing.login()).rejects.toMatchObject({ name: "InVain", why: "closed" });
  const silent = clientAt(await ScriptedDoor.open(async (visit) => visit.ended), { withinMs: 500 });
  await expect(silent.login()).rejects.toMatchObject({ name: "InVain", why: "timed-out" });
  await silent.leave();
});

it("a kick with a code ends any wait of the client", async () => {
  const { login } = await cluster(async (visit) => {
    await visit.take(9);
    visit.send(bytes("8100 02"));
    visit.end();
  });
  const client = await enter(login);
  await expect(client.walk({ x: 150, y: 181 })).rejects.toThrow("0081 2");
  expect(client.kickCode).toBe(2);
  await client.untilClosed();
  expect(client.journal.entries.at(-1)).toMatchObject({ kind: "closed", by: "server" });
});

it("the client does not connect where it may not", async () => {
  const login = await ScriptedDoor.open(async (visit) => {
    visit.send(bytes(worldList(1).subarray(0, 47), "0a000001", worldList(1).subarray(51)));
  });
  const client = clientAt(login, { mayGoTo: (host) => host === "127.0.0.1" });
  await client.login();
  expect(client.worlds).toMatchObject([{ host: "10.0.0.1", port: 1 }]);
  await expect(client.enterChar()).rejects.toThrow("10.0.0.1 is another machine");
});

it("the client asks for the time every 12 seconds, and leaves a server that is silent for 40", async () => {
  const clock = new ManualClock();
  const asked: number[] = [];
  const { login } = await cluster(async (visit) => {
    for (;;) {
      const request = await visit.take(11);
      if (request.length < 11) return;
      asked.push(request.readUInt32LE(7));
      if (asked.length === 1) visit.send(bytes("7f00 ffffffff"));
      if (asked.length === 2) visit.send(bytes("7f00 01000000"));
      if (asked.length === 3) visit.send(bytes("7f00 00000000"));
    }
  });
  const client = await enter(login, { clock });
  await client.until("told", () => client.journal.packets("ZC_NOTIFY_TIME").length > 0);
  for (const times of [1, 2, 3]) {
    const told = client.journal.packets("ZC_NOTIFY_TIME").length;
    await clock.advance(12_000);
    await until(() => client.journal.packets("ZC_NOTIFY_TIME").length > told, { what: "the time is told" });
    expect(asked).toHaveLength(times);
  }
  expect(asked).toEqual([12_000, 24_000, 36_000]);
  await clock.advance(39_999);
  expect(client.door).toBe("map");
  await clock.advance(1);
  expect(client.door).toBeNull();
  await client.leave();
  expect(client.faults.map(({ fault }) => fault)).toEqual([
    "time-backwards",
    "time-backwards",
    "time-unanswered",
  ]);
});

it.each([
  ["a walk of an actor that never appeared", bytes("8600 01000000 270bf258b588 00000000"), "unit-unknown"],
  ["the end of an actor that never appeared", bytes("8000 01000000 00"), "unit-unknown"],
  ["chat of an actor that never appeared", recorded.words, "unit-unknown"],
  ["the end of an item that never appeared", bytes("a100 01000080"), "unit-unknown"],
  ["an item at no cell", bytes("9d00 01000080 8d03 01 0000 0000 0100 06 06"), "no-cell"],
  ["oneself", recorded.standing, "own-unit"],
  ["a walk of 18 cells", bytes("8700 00000000", move(100, 100, 118, 90)), "too-far"],
  ["a walk to nowhere", bytes("8700 00000000", move(1, 1, 0, 0)), "no-cell"],
])("the client reports %s as a mistake", async (_, sent, fault) => {
  const { login } = await cluster(async (visit) => {
    visit.send(sent);
    await visit.ended;
  });
  const client = await enter(login);
  await client.until("found", () => client.faults.length > 0);
  expect(client.faults.map((each) => each.fault)).toEqual([fault]);
  await client.leave();
  const tolerant = await enter(login, { tolerated: new Set([client.faults[0]?.fault ?? "text"]) });
  await tolerant.until("heard", () => tolerant.journal.entries.at(-1)?.kind === "packet");
  await tolerant.leave();
  expect(tolerant.faults).toEqual([]);
});

it("the client accepts a walk of 17 cells, and an actor that comes, goes, and comes again", async () => {
  const other = bytes("f907 5700 00 80841e00", recorded.standing.subarray(9));
  const { login } = await cluster(async (visit) => {
    visit.send(bytes("8700 00000000", move(100, 100, 117, 83)), other, recorded.vanished, other);
    await visit.ended;
  });
  const client = await enter(login);
  await client.until("both came", () => client.journal.packets("ZC_NOTIFY_STANDENTRY").length === 2);
  await client.leave();
  expect(client.faults).toEqual([]);
});

it("the client leaves a server that sends nonsense, and reports one that ends in the middle of a packet", async () => {
  const { login } = await cluster(async (visit) => {
    visit.send(bytes("ffff"));
    await visit.ended;
  });
  const client = await enter(login);
  await client.untilClosed();
  expect(client.journal.entries.at(-1)).toMatchObject({ kind: "closed", by: "client" });
  expect(client.faults.map(({ fault }) => fault)).toEqual(["unknown-opcode"]);

  const half = await ScriptedDoor.open(async (visit) => {
    visit.send(recorded.loginAccepted.subarray(0, 40));
    visit.end();
  });
  const cut = clientAt(half);
  await expect(cut.login()).rejects.toThrow("closed by the server");
  expect(cut.faults.map(({ fault }) => fault)).toEqual(["truncated"]);
});

it.each([
  ["units", bytes("f907 5700 00 80841e00", recorded.standing.subarray(9))],
  ["items", bytes("9d00 01000080 8d03 01 9600 b500 0100 06 06")],
])("the client reports %s that appear twice, or before the map is loaded", async (_, other) => {
  const { login } = await cluster(async (visit) => {
    visit.send(other, other, recorded.mapChanged, other);
    await visit.ended;
  });
  let isEntered = false;
  let load = (): void => undefined;
  const loadMap = (): Promise<void> => {
    if (!isEntered) {
      isEntered = true;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      load = resolve;
    });
  };
  const client = await enter(login, { loadMap });
  await client.until("found", () => client.faults.length === 2);
  load();
  await client.leave();
  expect(client.faults.map(({ fault }) => fault)).toEqual(["unit-twice", "unit-too-early"]);
});

it("the client pings at the char door if its profile does", async () => {
  const clock = new ManualClock();
  const pings: Buffer[] = [];
  const char = await ScriptedDoor.open(async (visit) => {
    await visit.take(17);
    visit.send(echo, list);
    pings.push(await visit.take(6));
    visit.send(recorded.kicked);
  });
  const login = await ScriptedDoor.open(async (visit) => visit.send(worldList(char.port)));
  const client = clientAt(login, { clock, manner: "robrowser" });
  await client.login();
  await client.enterChar();
  await clock.advance(10_000);
  await until(() => client.kickCode !== null, { what: "the ping is answered" });
  expect(pings).toEqual([bytes("8701 81841e00")]);
  await client.leave();
});

it("the client forgets the oldest lines of a long journal, and sends any given bytes", async () => {
  const login = await ScriptedDoor.open(async (visit) => {
    expect(await visit.take(3)).toEqual(bytes("ffff 00"));
    visit.send(Buffer.concat(Array.from({ length: 50 }, () => recorded.kicked)), bytes("8100 09"));
    await visit.ended;
  });
  const client = clientAt(login, { entriesMax: 10 });
  await client.open("login", login);
  client.send(bytes("ffff 00"));
  await client.until("kicked", () => client.kickCode === 9);
  expect(client.journal.entries.length).toBeLessThanOrEqual(20);
  expect(client.journal.entries.at(-1)).toMatchObject({ packet: { code: 9 } });
  client.abort();
  await client.untilClosed();
});
