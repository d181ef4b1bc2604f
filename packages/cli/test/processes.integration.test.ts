import { type SallyportProcess, until } from "@sallyport/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { clientAt, enter, walkEast } from "./player.ts";
import { SmallCluster } from "./small-cluster.ts";

let cluster: SmallCluster;

beforeAll(async () => {
  // The database of this cluster has no tables yet. The first server creates them.
  cluster = await SmallCluster.open();
});
afterEach(() => cluster.kill());
afterAll(() => cluster.close());

test("three processes on Redis and Postgres are one cluster, and save all players when they stop in any order", async () => {
  const { login, char, map, client, again } = await cluster.start();

  const game = await enter(client);
  const there = await walkEast(game, 2);
  map.signal("SIGTERM");
  expect(await map.untilEnded()).toBe(0);
  expect((await game.closed).reason).toBe("server-stopping");

  // The map-server released its server lock, so the next process with its name is admitted at once.
  await again("map").untilSays(/map-server ready/);
  const back = await enter(client);
  expect(back.position).toMatchObject(there);
  await walkEast(back, 1);
  // SIGINT tells the server that it will not be started again.
  char.signal("SIGINT");
  expect(await char.untilEnded()).toBe(0);
  expect((await back.closed).reason).toBe("server-stopping");
  expect(await cluster.savedPosition(back.charId)).toEqual({ ...there, x: there.x + 1, map: "harbour" });
  login.signal("SIGTERM");
  expect(await login.untilEnded()).toBe(0);
});

test("two map-servers share the maps of a world, and a player walks from one to the other", async () => {
  const { all } = await cluster.world();
  const share = (MAP_SERVER_NAME: string, MAPS_HOSTED: string): SallyportProcess =>
    cluster.run("map", { ...all, MAP_SERVER_NAME, MAPS_HOSTED, MAP_STEP_MS: "20" });
  const [harbour, forest] = [share("map-1", "harbour"), share("map-2", "forest")];
  await Promise.all([harbour.untilSays(/map-server ready/), forest.untilSays(/map-server ready/)]);
  const game = await enter(clientAt(Number(all["LOGIN_PORT"])));
  const walk = await game.walk(41, 1);
  expect(walk.ok).toBe(true);
  await until(() => game.hops === 1, { what: "the client is on the other map-server" });
  expect(game.position).toEqual({ map: "forest", x: 41, y: 60 });
  expect((await game.leave()).ok).toBe(true);
  await harbour.untilSays(/"player moved to another map-server"/);
  await forest.untilSays(/"left"/);
});
