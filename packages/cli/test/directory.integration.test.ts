import { hostname } from "node:os";
import { systemClock } from "@sallyport/clock";
import { type DirectoryService, type Presence, RedisDirectory } from "@sallyport/directory";
import { until } from "@sallyport/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { enter, walkEast } from "./player.ts";
import { portAfter, SmallCluster } from "./small-cluster.ts";

let cluster: SmallCluster;
let directory: DirectoryService;

beforeEach(async () => {
  cluster = await SmallCluster.open();
  directory = new RedisDirectory({ url: cluster.redis.url, clock: systemClock });
});
afterEach(async () => {
  await directory.close();
  await cluster.close();
});

const untilListed = (what: string, holds: (listed: readonly Presence[]) => boolean) =>
  until(
    async () => {
      const listed = await directory.list();
      return holds(listed) && listed;
    },
    { what },
  );

const areUp =
  (...kinds: readonly string[]) =>
  (listed: readonly Presence[]) =>
    listed.map(({ kind }) => kind).join() === kinds.join() &&
    listed.every(({ links }) => links.every(({ state }) => state === "up"));

test("servers are listed while they run, even map-servers, which never reach the directory", async () => {
  const { login, char, map, client } = await cluster.start({
    LOGIN_SERVER_NAME: "login-a",
    MAP_SERVER_NAME: "map-a",
    MAPS_HOSTED: "harbour",
    MAP_INNER_HOST: "map-a.inside",
    MAP_PLAYERS_MAX: "77",
  });
  const game = await enter(client);
  const listed = await untilListed("a player is told of", (all) =>
    all.some(({ kind, players }) => kind === "map" && players === 1),
  );
  const [charPort, mapPort] = [await portAfter(char, "clients"), await portAfter(map, "clients")];
  const ofAll = { machine: hostname(), state: "up", incarnation: expect.stringMatching(/^[0-9a-f]{16}$/) };
  const door = { wsUrl: null, otherDoors: [], near: [], host: "127.0.0.1" };
  expect(listed).toMatchObject([
    {
      ...ofAll,
      kind: "login",
      name: "login-a",
      world: null,
      publicDoor: null,
      links: [{ kind: "char", name: "alpha", state: "up" }],
    },
    {
      ...ofAll,
      kind: "char",
      name: "alpha",
      world: "Alpha",
      publicDoor: { ...door, port: charPort },
      maps: [],
    },
    {
      ...ofAll,
      kind: "map",
      name: "map-a",
      world: "Alpha",
      publicDoor: { ...door, port: mapPort },
      innerDoors: [{ dialect: "native", host: "map-a.inside", port: mapPort }],
      maps: ["harbour"],
      capacity: 77,
      links: [{ kind: "char", name: "alpha", state: "up" }],
    },
  ]);
  await game.leave();

  map.signal("SIGTERM");
  expect(await map.untilEnded()).toBe(0);
  await untilListed("the map-server is gone", areUp("login", "char"));
  char.signal("SIGTERM");
  login.signal("SIGTERM");
  expect(await login.untilEnded()).toBe(0);
  expect(await char.untilEnded()).toBe(0);
  expect(await directory.list()).toEqual([]);
});

test("a killed server stays on the list for a few seconds, and no other does", async () => {
  const { login } = await cluster.start();
  await untilListed("all are up", areUp("login", "char", "map"));
  await login.kill();
  await untilListed("the login-server is gone, and its link down", ([first, ...rest]) => {
    const toLogin = first?.links.find(({ kind }) => kind === "login");
    return (
      first?.kind === "char" && toLogin?.state === "down" && rest.map(({ kind }) => kind).join() === "map"
    );
  });
});

test("the list is complete again soon after an outage of Redis, and players do not notice it", async () => {
  const { login, client } = await cluster.start();
  await untilListed("all are up", areUp("login", "char", "map"));
  const game = await enter(client);
  await cluster.redis.kill();
  await walkEast(game, 1);
  await login.untilSays(/cannot update the list of servers; operators and gateways/);
  await cluster.redis.start();
  await untilListed("all are up again", areUp("login", "char", "map"));
  await login.untilSays(/the list of servers can be updated again/);
});
