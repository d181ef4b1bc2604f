import { characterNames } from "@sallyport/database";
import { codePages, isShownName } from "@sallyport/dialects/ragnarok";
import { clientPackets, type RagnarokClient } from "@sallyport/ragnarok-load";
import { must, until } from "@sallyport/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { play, walk } from "../cluster/player.ts";
import { spawn } from "../cluster/test-cluster.ts";
import { expectType, RagnarokCluster } from "./ragnarok-cluster.ts";

/* Several clients play on one map. */

let ragnarok: RagnarokCluster;
beforeAll(async () => {
  ragnarok = await RagnarokCluster.start();
});
afterEach(async () => expect(await ragnarok.leaveAll()).toEqual([]));
afterAll(() => ragnarok.stop());

async function entered(): Promise<RagnarokClient> {
  return ragnarok.enter(ragnarok.client(await ragnarok.cluster.account()));
}

const idOf = ({ ids }: RagnarokClient): number => ids?.accountId ?? 0;
const nameOf = ({ chosen }: RagnarokClient): string => chosen?.name ?? "";

test("two Ragnarok clients see each other come, walk, speak and go", async () => {
  const ann = await entered();
  const bob = await entered();
  // This is the cell beside Ann. She still stands where both began.
  const cell = { x: spawn.x + 1, y: spawn.y };
  const asSeen = { kind: 0, name: nameOf(bob), cell };
  await ann.until("Ann sees Bob", () => ann.units.has(idOf(bob)));
  expect(ann.units.get(idOf(bob))).toMatchObject({ ...asSeen, id: idOf(bob), move: null });
  await bob.until("Bob sees Ann", () => bob.units.has(idOf(ann)));
  expect(await ann.nameOf(idOf(bob))).toMatchObject({ name: nameOf(bob) });

  const to = { x: spawn.x - 5, y: spawn.y };
  await bob.walk(to);
  await ann.until("Ann sees Bob walk", () => ann.journal.packets("ZC_NOTIFY_MOVE").length > 0);
  expect(ann.journal.packets("ZC_NOTIFY_MOVE")).toMatchObject([{ id: idOf(bob), from: cell, to }]);

  await bob.say("hello Ann");
  const heard = () => ann.journal.packets("ZC_NOTIFY_CHAT");
  await ann.until("Ann hears Bob", () => heard().length > 0);
  expect(heard()).toEqual([{ type: "ZC_NOTIFY_CHAT", id: idOf(bob), text: `${nameOf(bob)} : hello Ann` }]);
  expect(bob.journal.packets("ZC_NOTIFY_CHAT")).toEqual([]);

  await bob.quit();
  await ann.until("Ann sees Bob go", () => !ann.units.has(idOf(bob)));
});

test("a walking actor is seen on its way by a new client, and on its cell afterwards", async () => {
  const ann = await entered();
  const bobsAccount = ragnarok.client(await ragnarok.cluster.account());
  const to = { x: spawn.x - 10, y: spawn.y };
  const walking = ragnarok.walkTo(ann, to);
  const bob = await ragnarok.enter(bobsAccount);
  await bob.until("Bob sees Ann", () => bob.units.has(idOf(ann)));
  await walking;
  const lastTold = () => bob.units.get(idOf(ann))?.cell;
  await bob.until("Ann stands there", () => lastTold()?.x === to.x && lastTold()?.y === to.y);
});

test("a Ragnarok client and a native one see each other walk, and read each other's words", async () => {
  const native = await play(ragnarok.cluster, await ragnarok.cluster.account());
  const said: string[] = [];
  const walked: string[] = [];
  native.game.on((event) => {
    if (event.type === "actor.said") said.push(`${event.charId} ${event.text}`);
    if (event.type === "actor.moved") walked.push(`${event.charId} ${event.x},${event.y}`);
  });
  const client = await entered();
  const { charId = 0 } = client.chosen ?? {};
  await until(() => [...native.game.actors.keys()].includes(charId as never), {
    what: "native sees Ragnarok",
  });
  await client.until("Ragnarok sees native", () => client.units.size > 0);
  const [unit] = client.units.values();
  const nativeId = unit?.id ?? 0;
  expect(unit).toMatchObject({ kind: 0, name: native.game.name, cell: { x: spawn.x, y: spawn.y } });

  await walk(native, { x: 2 });
  await client.until("native is there", () => client.units.get(nativeId)?.cell.x === spawn.x + 2);
  const to = { x: spawn.x - 2, y: spawn.y };
  await ragnarok.walkTo(client, to);
  await until(() => walked.includes(`${charId} ${to.x},${to.y}`), { what: "Ragnarok is there" });

  must(await native.game.say("grüß dich"));
  const heard = () => client.journal.packets("ZC_NOTIFY_CHAT");
  await client.until("Ragnarok hears native", () => heard().length > 0);
  expect(heard()).toMatchObject([{ id: nativeId, text: `${native.game.name} : grüß dich` }]);
  await client.say("und dich auch: ä");
  await until(() => said.includes(`${charId} und dich auch: ä`), { what: "native hears Ragnarok" });

  must(await native.game.leave());
  await client.until("native is gone", () => client.units.size === 0);
});

test("chat in any code page arrives unchanged at Ragnarok clients, and as clean text at native ones", async () => {
  const native = await play(ragnarok.cluster, await ragnarok.cluster.account());
  const read: string[] = [];
  native.game.on((event) => {
    if (event.type === "actor.said") read.push(event.text);
  });
  const ann = await entered();
  const bob = await entered();
  await ann.until("Ann sees Bob", () => ann.units.has(idOf(bob)));
  // "こんにちは。" in Shift-JIS and "你在吗。" in GBK, with one character for each byte.
  const lines = ["82b182f182c982bf82cd8142", "c4e3d4dac2f0a1a3"].map((bytes) =>
    Buffer.from(bytes, "hex").toString("latin1"),
  );
  for (const line of lines) await bob.say(line);
  const heard = () => ann.journal.packets("ZC_NOTIFY_CHAT").map(({ text }) => text);
  await ann.until("Ann hears Bob", () => heard().length === lines.length);
  expect(heard()).toEqual(lines.map((line) => `${nameOf(bob)} : ${line}`));
  await until(() => read.length === lines.length, { what: "native hears Bob" });
  for (const text of read) expect(text).not.toMatch(/\p{Cc}/u);
  must(await native.game.leave());
});

test("chat under another name reaches no client", async () => {
  const ann = await entered();
  const bob = await entered();
  await ann.until("Ann sees Bob", () => ann.units.has(idOf(bob)));
  ann.send(clientPackets.say(nameOf(bob), "I am Bob"));
  await ann.say("I am Ann");
  const words = () => bob.journal.packets("ZC_NOTIFY_CHAT").map(({ text }) => text);
  await bob.until("Bob hears Ann", () => words().length > 0);
  expect(words()).toEqual([`${nameOf(ann)} : I am Ann`]);
  expect(ann.journal.packets("ZC_NOTIFY_PLAYERCHAT")).toHaveLength(1);
});

test("a client is shown no actors until it has loaded the map", async () => {
  const ann = await entered();
  let load = (): void => undefined;
  const loading = new Promise<void>((resolve) => {
    load = resolve;
  });
  const slow = ragnarok.client(await ragnarok.cluster.account(), { loadMap: () => loading });
  await slow.login();
  await slow.enterChar();
  await slow.select(0);
  await slow.enterMap();
  await ann.until("Ann sees the slow one", () => ann.units.has(idOf(slow)));
  await ann.say("anybody there?");
  await slow.time();
  expect(slow.units.size).toBe(0);
  expect(slow.journal.packets("ZC_NOTIFY_CHAT")).toEqual([]);
  load();
  await slow.until("the slow one sees Ann", () => slow.units.has(idOf(ann)));
});

describe("in a world of any alphabet, with Korean clients,", () => {
  let korean: RagnarokCluster;
  beforeAll(async () => {
    const names = characterNames("unicode", (name) => isShownName(name, codePages["euc-kr"]));
    korean = await RagnarokCluster.start({ codePage: "euc-kr", names, starter: false });
  });
  afterEach(async () => expect(await korean.leaveAll()).toEqual([]));
  afterAll(() => korean.stop());

  /** Returns the text as Korean clients send it, with one character for each byte. */
  const inKorea = (text: string): string => Buffer.from(codePages["euc-kr"].bytesOf(text)).toString("latin1");
  const alike = { type: "HC_REFUSE_MAKECHAR", code: 0 };
  const denied = { type: "HC_REFUSE_MAKECHAR", code: 0xff };

  test("a name with spaces and its chat pass from a Ragnarok client to a native one and back", async () => {
    const ann = korean.client({ name: "ann", password: "secret" });
    await ann.login("ann_F");
    await ann.enterChar();
    const name = "홍길동 이세";
    expect(await ann.create({ name: inKorea("Дима"), slot: 0 })).toMatchObject({
      type: "HC_ACCEPT_MAKECHAR",
    });
    expect(await ann.create({ name: inKorea("Дима"), slot: 1 })).toEqual(alike);
    expect(await ann.create({ name: inKorea("홍 길동"), slot: 1 })).toMatchObject({
      type: "HC_ACCEPT_MAKECHAR",
    });
    // Twelve of these characters take 24 bytes. No byte is left for the NUL that a client expects after them.
    expect(await ann.create({ name: inKorea("가".repeat(12)), slot: 2 })).toEqual(denied);
    const made = expectType(await ann.create({ name: inKorea(name), slot: 2 }), "HC_ACCEPT_MAKECHAR");
    expect(made.character.name).toBe(inKorea(name));
    expectType(await ann.select(2), "HC_NOTIFY_ZONESVR");
    await ann.enterMap();

    const native = await play(korean.cluster, await korean.cluster.account());
    const heard: string[] = [];
    native.game.on((event) => {
      if (event.type === "actor.said") heard.push(`${event.name}: ${event.text}`);
    });
    await until(() => [...native.game.actors.values()].some((each) => each.name === name), { what: "seen" });
    expect(await ann.say(inKorea("안녕"))).toMatchObject({ text: inKorea(`${name} : 안녕`) });
    await until(() => heard.length > 0, { what: "heard" });
    expect(heard).toEqual([`${name}: 안녕`]);
    must(await native.game.leave());
  });
});
