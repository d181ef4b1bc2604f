import type { Game } from "@sallyport/sdk";
import { must, type SallyportProcess, until } from "@sallyport/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { clientAt, enter, walkEast } from "./player.ts";
import { adminHeaders, startProcess } from "./server-process.ts";
import { portAfter, SmallCluster } from "./small-cluster.ts";
import type { Settings } from "./started-servers.ts";

let cluster: SmallCluster;
beforeEach(async () => {
  cluster = await SmallCluster.open({ MAP_AUTOSAVE_SECONDS: "1" });
});
afterEach(() => cluster.close());

async function startMap(name: string, all: Settings): Promise<SallyportProcess> {
  const server = cluster.run("map", { ...all, MAP_SERVER_NAME: name });
  await server.untilSays(/map-server ready/);
  return server;
}

async function world(settings: Settings = {}) {
  const { char, all } = await cluster.world(settings);
  const maps = new Map<string, SallyportProcess>();
  for (const name of ["map-1", "map-2"]) maps.set(name, await startMap(name, all));
  const client = clientAt(Number(all["LOGIN_PORT"]));
  const admin = await portAfter(char, "admin");
  return {
    all,
    admin: `http://127.0.0.1:${admin}`,
    maps,
    client,
    map: (name: string) => maps.get(name) as SallyportProcess,
  };
}

/**
 * Walks one cell. If the player moves to another map-server during the request, the request is lost. So it is
 * repeated.
 */
async function walksOn(game: Game): Promise<number> {
  const { x, y } = game.position;
  const isThere = async (): Promise<boolean> => {
    await game.walk(x + 1, y);
    return game.position.x === x + 1;
  };
  await until(isThere, { what: "it has walked on" });
  return x + 1;
}

const drainCommand = (admin: string, server: string, settings: Settings = {}): SallyportProcess =>
  startProcess(["drain", server], { ADMIN_PORT: new URL(admin).port, ...settings });

test("a player plays on while every map-server is restarted in turn by SIGTERM", async () => {
  const { all, maps, client, map } = await world();
  const game = await enter(client);
  for (const name of ["map-1", "map-2"]) {
    const x = await walksOn(game);
    map(name).signal("SIGTERM");
    expect(await map(name).untilEnded()).toBe(0);
    expect(map(name).output).toContain('"msg":"drained"');
    maps.set(name, await startMap(name, all));
    expect([game.isOpen, game.position.x]).toEqual([true, x]);
  }
  expect(game.hops).toBeGreaterThan(0);
  await walksOn(game);
  expect((await game.leave()).ok).toBe(true);
});

test("the drain command drains a map-server, reports the progress, and ends with it", async () => {
  const { admin, client, map } = await world();
  const game = await enter(client);
  const unknown = drainCommand(admin, "map-9");
  expect(await unknown.untilEnded()).toBe(1);
  expect(unknown.output).toContain("no map-server map-9 is linked");
  const stranger = drainCommand(admin, "map-2", { ADMIN_TOKEN: "not-the-token" });
  expect(await stranger.untilEnded()).toBe(1);
  expect(stranger.output).toContain("this is not the token of this server");
  expect(map("map-2").exitCode).toBeNull();
  const command = drainCommand(admin, "map-2");
  expect(await command.untilEnded()).toBe(0);
  expect(command.output).toMatch(/map-2 is draining: \d+ players? left\n(.*\n)*map-2 is drained\n$/);
  expect(await map("map-2").untilEnded()).toBe(0);
  await walksOn(game);
  expect(game.isOpen).toBe(true);
});

test("the drain command names the players for whom there is no other map-server", async () => {
  const { char, all } = await cluster.world();
  const only = await startMap("map-1", all);
  const game = await enter(clientAt(Number(all["LOGIN_PORT"])));
  const admin = `http://127.0.0.1:${await portAfter(char, "admin")}`;
  const players = async (): Promise<unknown> => {
    const response = await fetch(`${admin}/map-servers/map-1`, { headers: adminHeaders() });
    return ((await response.json()) as { players: unknown }).players;
  };
  await until(async () => (await players()) === 1, { what: "the char-server counts the player" });
  const command = drainCommand(admin, "map-1");
  expect(await command.untilEnded()).toBe(0);
  expect(command.output).toMatch(/map-1 has ended with 1 player left: .*\n$/);
  expect(await only.untilEnded()).toBe(0);
  expect((await game.closed).reason).toBe("server-stopping");
});

test("the last map-server saves and disconnects its players without waiting for another server", async () => {
  const { all } = await cluster.world();
  const only = await startMap("map-1", all);
  const game = await enter(clientAt(Number(all["LOGIN_PORT"])));
  const { x } = await walkEast(game, 2);
  only.signal("SIGTERM");
  expect(await only.untilEnded()).toBe(0);
  expect(only.output).toContain("nobody to hand over to");
  expect((await game.closed).reason).toBe("server-stopping");
  await startMap("map-1", all);
  const again = await enter(clientAt(Number(all["LOGIN_PORT"])));
  expect(again.position.x).toBe(x);
});

test("a second SIGTERM ends the drain, and saves all players", async () => {
  // At this rate, some players still wait for their hand-over when the second signal arrives. Autosaves are rare, so
  // walks would be lost if the stop saved nothing.
  const { client, maps } = await world({ DRAIN_PER_SECOND: "1", MAP_AUTOSAVE_SECONDS: "600" });
  const game = await enter(client);
  const newcomers = [];
  for (let count = 0; count < 4; count += 1) newcomers.push(await enter(client, `walker_${count}`));
  const playing = ({ output }: SallyportProcess): number => output.match(/"msg":"playing"/g)?.length ?? 0;
  const host = await until(() => [...maps.values()].find((map) => playing(map) >= 5), {
    what: "all play on one map-server, by its log",
  });
  const players = [game, ...newcomers];
  await Promise.all(players.map((player) => walkEast(player, 2)));
  host.signal("SIGTERM");
  await host.untilSays(/"msg":"still draining"/);
  await until(
    () => {
      // Two signals at the same moment would count as one, so the signal is repeated.
      host.signal("SIGTERM");
      return host.output.includes("stopping (a second");
    },
    { what: "it stops" },
  );
  expect(await host.untilEnded()).toBe(0);
  const putOut = players.filter(({ isOpen }) => !isOpen);
  expect(putOut.length).toBeGreaterThan(0);
  // Those who were handed over are not saved at the stop. They leave now.
  for (const player of players) if (player.isOpen) must(await player.leave());
  for (const { charId, position } of players) expect(await cluster.savedPosition(charId)).toEqual(position);
});
