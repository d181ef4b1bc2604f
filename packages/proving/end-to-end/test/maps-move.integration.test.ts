import { must, until } from "@sallyport/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { Gate } from "./cluster/gate.ts";
import { choose, type Player, play, rowOf, ticketOf, walk } from "./cluster/player.ts";
import { stepCounting } from "./cluster/step-counting.ts";
import { spawn, TestCluster, type TestClusterOptions } from "./cluster/test-cluster.ts";
import { characterLockOf } from "./cluster/two-maps.ts";
import { Walker, wayIn } from "./cluster/walker.ts";

/*
 * Map-servers that may host the same maps come and go under players. The first has both sample maps. A second
 * one gets the harbour, where all characters begin.
 */

let cluster: TestCluster;
afterEach(() => cluster.stop());

const start = async (options: TestClusterOptions = {}): Promise<void> => {
  cluster = await TestCluster.start({ ...stepCounting, ...options });
};

/** Waits until the player is on this server. The client notices only that its map-server changed. */
async function untilAt(server: string, { game, ended }: Player, hops = 1): Promise<void> {
  await until(() => game.hops === hops, { what: `${game.name} is moved` });
  expect(ended()).toBeNull();
  expect(cluster.mapServer(server).charIds).toContain(game.charId);
}

describe("a map-server that joins", () => {
  test("gets its share of the maps and their players, with their positions and state", async () => {
    await start();
    const [player, other] = [
      await play(cluster, await cluster.account()),
      await play(cluster, await cluster.account()),
    ];
    await walk(player, { x: 2 });
    const { position } = player.game;
    const events: string[] = [];
    player.game.on(({ type }) => events.push(type));
    await cluster.startMap("map-2");
    await untilAt("map-2", player);
    await untilAt("map-2", other);
    expect(player.game.position).toEqual(position);
    expect(events.filter((type) => type === "map.changed")).toHaveLength(1);
    expect(cluster.mapServer("map-1").playerCount).toBe(0);
    await until(() => player.game.actors.size === 1, { what: "they see each other again" });
    await walk(player, { x: 1 });
    must(await player.game.leave());
    await cluster.untilFree(ticketOf(player));
    expect(await rowOf(cluster, player.game.charId)).toMatchObject({
      ...spawn,
      x: spawn.x + 3,
      attributes: { steps: 3 },
    });
  });

  test("gets players even in the middle of a walk, and no step is lost", async () => {
    await start();
    const player = await play(cluster, await cluster.account());
    let steps = 0;
    player.game.on((event) => {
      if (event.type === "actor.moved") steps += 1;
    });
    must(await player.game.walk(spawn.x, spawn.y + 20));
    await cluster.startMap("map-2");
    await until(() => steps > 0 || player.game.hops > 0, { what: "it is on its way" });
    await untilAt("map-2", player);
    await walk(player, { x: 1 });
    must(await player.game.leave());
    await cluster.untilFree(ticketOf(player));
    const { attributes, x, y } = await rowOf(cluster, player.game.charId);
    expect(attributes).toMatchObject({ steps });
    expect({ x, y }).toEqual({ x: spawn.x + 1, y: spawn.y + steps - 1 });
  });

  test("gets clients that were sent to the earlier host after they have entered there", async () => {
    await start();
    const walker = new Walker(cluster, await cluster.account());
    await walker.go(...wayIn.slice(0, -1));
    await cluster.startMap("map-2");
    let hop = "";
    await walker.go("enterMap");
    walker.map?.on((event) => {
      if (event.type === "map.hop") hop = event.position.map;
    });
    await until(() => hop === "harbour", { what: "it is sent on, to the same map" });
    expect(await characterLockOf(cluster, walker)).toMatchObject({ owner: { server: "map-2" } });
    cluster.push(cluster.timing.charToMapMs);
    await cluster.untilFree(walker.ticket);
  });

  test("does not disturb a character that is just being chosen for the earlier host", async () => {
    const gate = new Gate();
    await start({ around: gate.around });
    const chooser = await choose(cluster, await cluster.account());
    const taken = gate.hold("after", "character-take");
    const choosing = chooser.select.choose(chooser.character.charId);
    await taken.reached();
    await cluster.startMap("map-2");
    taken.open();
    const game = must(await choosing);
    expect(cluster.mapServer("map-2").charIds).toEqual([game.charId]);
    must(await game.leave());
  });
});

describe("the maps of a map-server that does not come back", () => {
  // Before these are over, a client logs in and chooses, also on a busy machine.
  const timing = { leaseMs: 3_000, reconnectMs: 4_000, reclaimMs: 4_000 };

  test("pass to another one at its timer; until then the characters wait where they were saved", async () => {
    await start({ timing, mapServers: ["map-1", "map-2"] });
    const account = await cluster.account();
    const player = await play(cluster, account);
    await walk(player, { x: 2 });
    must(await player.game.leave());
    await cluster.untilFree(ticketOf(player));
    cluster.kill({ map: "map-2" });
    const { select, character } = await choose(cluster, account);
    expect(await select.choose(character.charId)).toMatchObject({
      refusal: "map-unavailable",
      retryAfterMs: expect.any(Number),
    });
    const game = await until(async () => must(await select.choose(character.charId)), {
      what: "it is admitted as soon as there is a host",
    });
    expect(game.position).toEqual({ ...spawn, x: spawn.x + 2 });
    expect(cluster.mapServer("map-1").charIds).toEqual([game.charId]);
    must(await game.leave());
  });

  test("pass to another one at once when it leaves for good", async () => {
    await start({ mapServers: ["map-1", "map-2"] });
    await cluster.mapServer("map-2").stop();
    const player = await play(cluster, await cluster.account());
    expect(cluster.mapServer("map-1").charIds).toEqual([player.game.charId]);
    must(await player.game.leave());
  });
});

describe("a char-server that is killed and started again", () => {
  test("leaves every map with its host, whichever server links first, and moves no player", async () => {
    await start({ mapServers: ["map-1", "map-2"] });
    const player = await play(cluster, await cluster.account());
    expect(cluster.mapServer("map-2").charIds).toEqual([player.game.charId]);
    cluster.kill("char");
    await cluster.startChar();
    for (const server of ["map-1", "map-2"]) {
      await until(() => cluster.mapServer(server).isLinked, {
        what: `${server} is linked again`,
      });
    }
    const second = await play(cluster, await cluster.account());
    await until(() => second.game.actors.size === 1, { what: "they see each other" });
    expect([player.game.hops, player.ended()]).toEqual([0, null]);
    for (const { game } of [player, second]) must(await game.leave());
  });

  test("in the middle of a move continues it", async () => {
    const gate = new Gate();
    await start({ around: gate.around });
    const player = await play(cluster, await cluster.account());
    const listed = gate.hold("before", "world.hopping");
    await cluster.startMap("map-2");
    await listed.reached();
    cluster.kill("char");
    listed.open();
    await cluster.startChar();
    await untilAt("map-2", player);
    await walk(player, { x: 1 });
    must(await player.game.leave());
    await cluster.untilFree(ticketOf(player));
  });
});
