import { systemClock } from "@sallyport/clock";
import { defineGame, defineMessages, type ShapeOf } from "@sallyport/game";
import { type Client, createClient, defaultBounds, type Game, MapConnection, retrying } from "@sallyport/sdk";
import { must, until } from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { SocketPairs } from "./cluster/socket-pairs.ts";
import type { TestAccount, TestCluster } from "./cluster/test-cluster.ts";
import { startTwoMaps } from "./cluster/two-maps.ts";

/* Clients of the SDK play one game on two real map-servers, over real sockets. */

const messages = defineMessages({
  commands: {
    find: z.object({ gold: z.number().int().positive() }),
    call: z.object({ title: z.string().max(20) }),
    stumble: z.object({}),
    keep: z.object({ values: z.array(z.unknown()) }),
  },
  events: {
    found: z.object({ gold: z.number() }),
    called: z.object({ title: z.string(), by: z.string() }),
  },
});

const purseMax = 100;

const game = defineGame({
  name: "purse",
  messages,
  character: {
    schema: z.object({ gold: z.number().int(), title: z.string().optional(), secret: z.number() }),
    initial: { gold: 0, secret: 7 },
    own: ["gold"],
    shown: ["title"],
  },
  commands: {
    find(it, { gold }) {
      if (it.character.gold + gold > purseMax) it.refuse("purse-full");
      it.set({ gold: it.character.gold + gold });
      it.send("found", { gold: it.character.gold });
    },
    call(it, { title }) {
      it.set({ title });
      it.sendAll("called", { title, by: it.player.name });
    },
    stumble(it) {
      it.set({ gold: 0 });
      throw new Error("a stone");
    },
    keep() {},
  },
});
type Purse = ShapeOf<typeof game>;

const commandsPerSecond = 10;

describe.each(["TCP", "WebSocket"] as const)("over %s, a client of a game", (over) => {
  let pairs: SocketPairs;
  let cluster: TestCluster;
  beforeEach(async () => {
    pairs = over === "TCP" ? await SocketPairs.overTcp() : await SocketPairs.overWebSocket();
    const played = { game, budgetMs: 1_000, switchOffAfter: 0, commandsPerSecond };
    cluster = await startTwoMaps({ pair: pairs.pair, game: played });
  });
  afterEach(async () => {
    await cluster.stop();
    await pairs.close();
  });

  const client = (): Client<Purse> =>
    createClient<Purse>({ connect: cluster.connect, login: cluster.loginAddress, messages });
  async function enter(account: TestAccount): Promise<Game<Purse>> {
    const player = client();
    must(await player.logIn({ ...account, way: "raw" }));
    const select = must(await player.enterWorld(cluster.charAddress));
    return must(await select.choose(select.characters[0]!.charId));
  }
  const untilShown = (of: () => unknown, value: unknown) =>
    until(() => JSON.stringify(of()) === JSON.stringify(value), { what: JSON.stringify(value) });

  test("sends commands, hears events, and sees its own state and what others show, also after a hop and a new login", async () => {
    const account = await cluster.account();
    const [player, other] = [await enter(account), await enter(await cluster.account())];
    await untilShown(() => player.character, { gold: 0 });
    const heard: unknown[] = [];
    player.onEvent("found", ({ gold }) => heard.push(gold));
    other.onEvent("called", (called) => heard.push(called));
    expect(await player.send("find", { gold: 60 })).toEqual({ ok: true, value: {} });
    expect([player.character, heard]).toEqual([{ gold: 60 }, [60]]);
    expect(await player.send("find", { gold: 60 })).toMatchObject({ refusal: "refused", word: "purse-full" });
    must(await player.send("call", { title: "smith" }));
    expect(player.character).toEqual({ gold: 60, title: "smith" });
    const shown = () => other.actors.get(player.charId)?.shown;
    await untilShown(shown, { title: "smith" });
    await until(() => heard.length === 2, { what: "the other hears the call" });
    expect(heard).toEqual([60, { title: "smith", by: player.name }]);

    must(await player.walk(player.position.x, player.position.y - 2));
    must(await other.walk(other.position.x, other.position.y - 2));
    await until(() => player.hops + other.hops === 2, { what: "both are on the other map-server" });
    await untilShown(() => player.character, { gold: 60, title: "smith" });
    await untilShown(shown, { title: "smith" });
    must(await player.send("find", { gold: 1 }));
    must(await player.leave());
    const again = await enter(account);
    await untilShown(() => again.character, { gold: 61, title: "smith" });
    await untilShown(() => other.actors.get(again.charId)?.shown, { title: "smith" });
  });

  test("learns which field does not fit, and that a command is unknown or has failed, and plays on", async () => {
    const player = await enter(await cluster.account());
    const invalid = await player.send("find", { gold: "many" as never });
    expect(invalid).toMatchObject({ refusal: "invalid", problem: expect.stringContaining("gold") });
    expect(await player.send("dance" as "stumble", {})).toEqual({ ok: false, refusal: "unknown-command" });
    expect(await player.send("toString" as "stumble", {})).toEqual({ ok: false, refusal: "unknown-command" });
    must(await player.send("find", { gold: 5 }));
    expect(await player.send("stumble", {})).toEqual({ ok: false, refusal: "failed" });
    expect(player.character).toEqual({ gold: 5 });
    expect(await player.send("find", { gold: 1n as never })).toMatchObject({ refusal: "not-sendable" });
    must(await player.send("find", { gold: 1 }));
    await untilShown(() => player.character, { gold: 6 });
  });

  test("that sends too many commands is told when to go on, and then is heard", async () => {
    const player = await enter(await cluster.account());
    const sent = Array.from({ length: 3 * commandsPerSecond }, () => player.send("find", { gold: 1 }));
    const answers = await Promise.all(sent);
    const tooMany = answers.filter((answer) => !answer.ok);
    expect(answers.length - tooMany.length).toBeGreaterThanOrEqual(commandsPerSecond);
    expect(tooMany[0]).toEqual({ ok: false, refusal: "too-many", retryAfterMs: expect.any(Number) });
    must(await retrying(() => player.send("find", { gold: 1 }), { attemptsMax: 3 }));
    await untilShown(() => player.character, { gold: answers.length - tooMany.length + 1 });
  });

  test("that sends malformed bytes is told what is wrong with them, and stays connected", async () => {
    const account = await cluster.account();
    const player = client();
    const { accountId, loginId1, sex } = must(await player.logIn({ ...account, way: "raw" }));
    const select = must(await player.enterWorld(cluster.charAddress));
    const there = must(await select.handOver(select.characters[0]!.charId));
    const options = { connect: cluster.connect, clock: systemClock, bounds: defaultBounds };
    const map = must(await MapConnection.reach(there, options));
    must(await map.ask({ type: "map.enter", accountId, charId: there.charId, loginId1, sex }));
    const sends = (...body: number[]) =>
      map.ask({ type: "game.command", name: "keep", body: Uint8Array.from(body) });
    const list = [0x91, 0x81, 0xa6, ...Buffer.from("values"), 0x91];
    expect(await sends(...list.slice(1))).toMatchObject({ refusal: "invalid", detail: "ends too early" });
    expect(await sends(0x81, 0xa6, ...Buffer.from("values"), 0x91, 0xc0)).toEqual({ ok: true, value: {} });
    const deep = new Array<number>(5_000).fill(0x91);
    expect(await sends(...deep, 0xc0)).toMatchObject({ refusal: "invalid", detail: "nested too deep" });
    const wide = new Array<number>(5_000).fill(0xc0);
    expect(await sends(0xdc, 5_000 >> 8, 5_000 & 0xff, ...wide)).toMatchObject({
      detail: "holds too many values",
    });
    expect(await sends(0x81, 0xa9, ...Buffer.from("__proto__"), 0xc0)).toMatchObject({
      detail: "has a forbidden key",
    });
    expect(map.isOpen).toBe(true);
    map.close();
  });
});
