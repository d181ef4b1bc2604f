import { must, until } from "@sallyport/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { crowd } from "./cluster/crowd.ts";
import { Gate } from "./cluster/gate.ts";
import { type Player, play, rowOf, ticketOf, untilEnded, walk } from "./cluster/player.ts";
import { stepCounting } from "./cluster/step-counting.ts";
import { spawn, TestCluster } from "./cluster/test-cluster.ts";
import { RagnarokCluster } from "./ragnarok/ragnarok-cluster.ts";

/* Map-servers are drained, stopped and started again while players play. */

const drainMs = 60_000;

let close: () => Promise<void> = async () => {};
afterEach(() => close());

/** Drains and stops a server as a signal does, and starts it again as a supervisor does. */
async function restart(cluster: TestCluster, name: string): Promise<void> {
  const server = cluster.mapServer(name);
  await server.drain(drainMs);
  expect(server.playerCount).toBe(0);
  await server.stop();
  await cluster.startMap(name);
}

/** A player that walks up and down until it is told to end, and counts its reported steps. */
class Wanderer {
  readonly player: Player;
  steps = 0;
  #isOver = false;
  readonly #ended: Promise<void>;

  constructor(player: Player) {
    this.player = player;
    const { game } = player;
    game.on((event) => {
      if (event.type === "actor.moved" && event.charId === game.charId) this.steps += 1;
    });
    this.#ended = this.#wander();
  }

  async #wander(): Promise<void> {
    const { game, ended } = this.player;
    while (!this.#isOver && ended() === null) {
      const goal = game.position.y === spawn.y ? spawn.y + 2 : spawn.y;
      const walked = await game.walk(game.position.x, goal);
      // During a hop the client is told to ask again.
      if (!walked.ok) expect(walked.refusal).toBe("unavailable");
      const hops = game.hops;
      await until(() => game.position.y === goal || game.hops > hops || ended() !== null || !walked.ok, {
        what: `${game.name} walks`,
      });
    }
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#ended;
  }
}

test("a rolling restart of all map-servers disconnects no player, and loses no state", async () => {
  const servers = ["map-1", "map-2", "map-3"];
  const ragnarok = await RagnarokCluster.start({ ...stepCounting, mapServers: [], autosaveMs: 500 }, servers);
  close = () => ragnarok.stop();
  const { cluster } = ragnarok;
  for (const name of servers) await cluster.startMap(name);
  const wanderers: Wanderer[] = [];
  for (const account of await crowd(cluster, 20)) wanderers.push(new Wanderer(await play(cluster, account)));
  const others = [];
  for (let count = 0; count < 3; count += 1) {
    others.push(await ragnarok.enter(ragnarok.client(await cluster.account())));
  }
  const places = others.map(({ place }) => place);
  for (const name of servers) await restart(cluster, name);
  const games = wanderers.map(({ player }) => player.game);
  expect(wanderers.map(({ player }) => player.ended())).toEqual(games.map(() => null));
  expect(games.every(({ hops }) => hops > 0)).toBe(true);
  for (const wanderer of wanderers) await wanderer.end();
  for (const [index, client] of others.entries()) {
    await client.until("it is on a map again", () => client.place?.map === "harbour");
    await client.say("still here");
    expect(client.journal.packets("ZC_NPCACK_SERVERMOVE").length).toBeGreaterThan(0);
    expect(client.place).toEqual(places[index]);
  }
  expect(await ragnarok.leaveAll()).toEqual([]);
  for (const { player, steps } of wanderers) {
    const { x, y } = player.game.position;
    must(await player.game.leave());
    await cluster.untilFree(ticketOf(player));
    const row = await rowOf(cluster, player.game.charId);
    expect(row).toMatchObject({ map: "harbour", x, y, attributes: { steps } });
    expect(steps).toBeGreaterThan(0);
  }
});

describe("a map-server that drains", () => {
  const start = async (options: Parameters<typeof TestCluster.start>[0] = {}): Promise<TestCluster> => {
    const cluster = await TestCluster.start(options);
    close = () => cluster.stop();
    return cluster;
  };

  test("alone does not wait: all players are saved and told, and admitted when it is back", async () => {
    const cluster = await start();
    const account = await cluster.account();
    const player = await play(cluster, account);
    await walk(player, { x: 2 });
    const server = cluster.mapServer();
    await server.drain(drainMs);
    await server.stop();
    expect(await untilEnded(player)).toBe("server-stopping");
    await cluster.startMap("map-1");
    const again = await play(cluster, account);
    expect(again.game.position).toEqual({ ...spawn, x: spawn.x + 2 });
    must(await again.game.leave());
  });

  test("costs a choosing client nothing: it is admitted at the next host of the map", async () => {
    const gate = new Gate();
    const cluster = await start({ mapServers: ["map-1", "map-2"], around: gate.around });
    const staying = await play(cluster, await cluster.account());
    const server = cluster.mapServer("map-2");
    const hopping = gate.hold("before", "world.hopping");
    const drained = server.drain(drainMs);
    await hopping.reached();
    const second = await play(cluster, await cluster.account());
    expect(cluster.mapServer("map-1").charIds).toContain(second.game.charId);
    hopping.open();
    await drained;
    await server.stop();
    await until(() => second.game.actors.size === 1, { what: "they see each other" });
    for (const { game } of [staying, second]) must(await game.leave());
  });

  test("and passes players to one that drains next loses none of them", async () => {
    const cluster = await start();
    const players: Player[] = [];
    for (const account of await crowd(cluster, 12)) players.push(await play(cluster, account));
    // The harbour passes to the second map-server, then to the third while players still arrive, and back to
    // the first.
    await cluster.startMap("map-2");
    await until(() => cluster.mapServer("map-2").playerCount > 0, { what: "the first have come" });
    await cluster.startMap("map-3", { maps: ["harbour"] });
    await cluster.mapServer("map-2").drain(drainMs);
    await cluster.mapServer("map-2").stop();
    await cluster.mapServer("map-3").drain(drainMs);
    await cluster.mapServer("map-3").stop();
    await until(() => cluster.mapServer("map-1").playerCount === players.length, { what: "all are back" });
    await until(() => players.every(({ game }) => game.actors.size === players.length - 1), {
      what: "all players see each other",
    });
    expect(players.map(({ ended }) => ended())).toEqual(players.map(() => null));
    for (const { game } of players) must(await game.leave());
  });

  test("and dies meanwhile leaves its players where they were saved, and its maps to others", async () => {
    const gate = new Gate();
    const timing = { leaseMs: 1_000, reconnectMs: 3_000, reclaimMs: 3_000 };
    const cluster = await start({
      mapServers: ["map-1", "map-2"],
      around: gate.around,
      timing,
      autosaveMs: 100,
    });
    const account = await cluster.account();
    const player = await play(cluster, account);
    await walk(player, { x: 2 });
    await until(async () => (await rowOf(cluster, player.game.charId)).x === spawn.x + 2, {
      what: "it is saved",
    });
    const hopping = gate.hold("before", "world.hopping");
    void cluster.mapServer("map-2").drain(drainMs);
    await hopping.reached();
    cluster.kill({ map: "map-2" });
    hopping.open();
    expect(await untilEnded(player)).toBe("disconnected");
    const again = await until(() => play(cluster, account), {
      what: "it is admitted again",
    });
    expect(again.game.position).toEqual({ ...spawn, x: spawn.x + 2 });
    expect(cluster.mapServer("map-1").charIds).toEqual([again.game.charId]);
    must(await again.game.leave());
  });

  test("while the char-server restarts continues when that is back", async () => {
    const cluster = await start({ mapServers: ["map-1", "map-2"] });
    const player = await play(cluster, await cluster.account());
    cluster.kill("char");
    const drained = cluster.mapServer("map-2").drain(drainMs);
    await cluster.startChar();
    await drained;
    await cluster.mapServer("map-2").stop();
    await until(() => player.game.hops === 1, { what: "it was passed on" });
    await walk(player, { x: 1 });
    expect(player.ended()).toBeNull();
    must(await player.game.leave());
  });

  test("is ordered to by its char-server once, and reports its progress there", async () => {
    let asked = 0;
    const cluster = await start({ mapServers: ["map-1", "map-2"], drainAsked: () => (asked += 1) });
    const player = await play(cluster, await cluster.account());
    expect(await cluster.char.drainMapServer("nobody")).toBeNull();
    expect(await cluster.char.drainMapServer("map-2")).toMatchObject({ state: "draining", maps: [] });
    expect(asked).toBe(1);
    const drained = cluster.mapServer("map-2").drain(drainMs);
    expect(await cluster.char.drainMapServer("map-2")).toMatchObject({ state: "draining" });
    expect(asked).toBe(1);
    await drained;
    await until(() => cluster.char.mapServerStatus("map-2")?.players === 0, { what: "no client is left" });
    await cluster.mapServer("map-2").stop();
    expect(cluster.char.mapServerStatus("map-2")).toBeNull();
    expect(player.ended()).toBeNull();
    must(await player.game.leave());
  });
});
