import { clientPackets, type RagnarokClient } from "@sallyport/ragnarok-load";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { expectType, RagnarokCluster, untilSentAway } from "./ragnarok-cluster.ts";

/* A server ends the connection of a client that sends invalid bytes. Other clients are not affected. */

let ragnarok: RagnarokCluster;
beforeAll(async () => {
  ragnarok = await RagnarokCluster.start();
});
afterEach(async () => expect(await ragnarok.leaveAll()).toEqual([]));
afterAll(() => ragnarok.stop());

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

async function atChar(): Promise<RagnarokClient> {
  const client = ragnarok.client(await ragnarok.cluster.account());
  await client.login();
  expectType(await client.enterChar(), "HC_ACCEPT_ENTER");
  return client;
}

const nonsense = [
  ["an unknown opcode", hex("ffff 0000")],
  ["an opcode of the server", hex("6900 2f00")],
  ["a length of nothing", hex("f300 0000")],
  ["a length of less than its own field", hex("f300 0300")],
  ["a length of more than clients say", hex("f300 ffff 41")],
] as const;

describe("at the login door", () => {
  test.each(nonsense)("%s ends the connection", async (_, bytes) => {
    const client = ragnarok.client({ name: "anybody", password: "secret" });
    await client.open("login", ragnarok.login);
    client.send(bytes);
    expect(await untilSentAway(client)).toBeNull();
  });

  test("half a packet before the end is forgotten", async () => {
    const client = ragnarok.client({ name: "anybody", password: "secret" });
    for (const size of [1, 2, 30, 54]) {
      await client.open("login", ragnarok.login);
      client.send(clientPackets.login("anybody", "secret").subarray(0, size));
      await client.leave();
    }
    await ragnarok.enter(ragnarok.client(await ragnarok.cluster.account()));
  });

  test("a login that arrives byte by byte works", async () => {
    const { name, password } = await ragnarok.cluster.account();
    const client = ragnarok.client({ name, password });
    await client.open("login", ragnarok.login);
    const request = clientPackets.login(name, password);
    for (const byte of request.subarray(0, -1)) client.send(Buffer.of(byte));
    const question = { what: "login", types: ["AC_ACCEPT_LOGIN", "AC_REFUSE_LOGIN"] } as const;
    expectType(await client.ask(request.subarray(-1), question), "AC_ACCEPT_LOGIN");
  });
});

describe("at the char door", () => {
  test.each(nonsense)("%s ends the connection, and the account is free", async (_, bytes) => {
    const client = await atChar();
    client.send(bytes);
    await untilSentAway(client);
    await ragnarok.untilFree(client);
  });

  test("a choice before the ids is ignored", async () => {
    const client = ragnarok.client(await ragnarok.cluster.account());
    const { worlds } = expectType(await client.login(), "AC_ACCEPT_LOGIN");
    await client.open("char", worlds[0] ?? ragnarok.login);
    client.send(clientPackets.selectCharacter(0));
    client.send(clientPackets.makeCharacter({ name: "Early", slot: 1 }));
    const question = { what: "enter char", types: ["HC_ACCEPT_ENTER", "HC_REFUSE_ENTER"] } as const;
    const ids = client.ids ?? { accountId: 0, loginId1: 0, loginId2: 0, sex: 0 };
    const list = expectType(await client.ask(clientPackets.enterChar(ids), question), "HC_ACCEPT_ENTER");
    expect(list.characters).toHaveLength(1);
  });

  test("two choices at once count as one", async () => {
    const client = await atChar();
    client.send(clientPackets.selectCharacter(0));
    expectType(await client.select(0), "HC_NOTIFY_ZONESVR");
    expectType(await client.enterMap(), "ZC_ACCEPT_ENTER2");
  });
});

describe("on the map", () => {
  test.each(nonsense)("%s ends the connection, and the character is saved and free", async (_, bytes) => {
    const account = await ragnarok.cluster.account();
    const witness = await ragnarok.enter(ragnarok.client(await ragnarok.cluster.account()));
    const client = await ragnarok.enter(ragnarok.client(account));
    const to = { x: (client.place?.x ?? 0) - 2, y: client.place?.y ?? 0 };
    await ragnarok.walkTo(client, to);
    client.send(bytes);
    await untilSentAway(client);
    await ragnarok.untilFree(client);
    await witness.say("still here");
    const back = await ragnarok.enter(ragnarok.client(account));
    expect(back.place).toMatchObject(to);
  });

  test.each([
    ["into a wall", { x: 0, y: 0 }],
    ["off the map", { x: 1_023, y: 1_023 }],
    ["to a cell without a path", { x: 1, y: 60 }],
  ])("a walk %s moves no actor, and the next walk works", async (_, to) => {
    const client = await ragnarok.enter(ragnarok.client(await ragnarok.cluster.account()));
    client.sendWalk(to);
    const near = { x: (client.place?.x ?? 0) - 1, y: client.place?.y ?? 0 };
    expect(await client.walk(near)).toMatchObject({ to: near });
  });

  test("requests that arrive together are all answered", async () => {
    const client = await ragnarok.enter(ragnarok.client(await ragnarok.cluster.account()));
    const told = client.journal.packets("ZC_NOTIFY_TIME").length;
    const times = Array.from({ length: 20 }, () => hex("8900 0000000000 01000000"));
    client.send(Buffer.concat(times));
    await client.until("all told", () => client.journal.packets("ZC_NOTIFY_TIME").length >= told + 20);
  });

  test("packets without a meaning are ignored, and so is a second entry", async () => {
    const client = await ragnarok.enter(ragnarok.client(await ragnarok.cluster.account()));
    const { ids, chosen } = client;
    if (ids === null || chosen === null) throw new Error("not in the world");
    client.send(clientPackets.enterMap(ids, chosen.charId, 1));
    client.send(clientPackets.actorInit());
    client.send(clientPackets.requestGuild());
    client.send(clientPackets.act(ids.accountId, 2));
    client.send(clientPackets.showEmotion(3));
    client.send(clientPackets.restart("respawn"));
    expect(await client.whisper("Nobody", "psst")).toMatchObject({ code: 1 });
    await client.say("still here");
  });

  test("a connection that breaks counts like one that ends", async () => {
    const client = await ragnarok.enter(ragnarok.client(await ragnarok.cluster.account()));
    client.abort();
    await ragnarok.untilFree(client);
  });
});
