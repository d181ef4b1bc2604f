import { type RunningRedis, startRedis, type TestDatabase, testDatabase, until } from "@sallyport/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { clientAt, enter, walkEast } from "./player.ts";
import { build, ServerProcess } from "./server-process.ts";

let redis: RunningRedis;
let database: TestDatabase;
const started: ServerProcess[] = [];

beforeAll(async () => {
  build();
  redis = await startRedis();
  // Not migrated: the servers do that themselves, whoever is first.
  database = await testDatabase();
});
afterEach(async () => {
  for (const server of started.splice(0)) await server.kill();
});
afterAll(async () => {
  await database.drop();
  await redis.stop();
});

function run(name: "login" | "char" | "map", environment: Record<string, string>): ServerProcess {
  const server = new ServerProcess([name], {
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    CHAR_SERVERS: "alpha:secret",
    CHAR_PASSWORD: "secret",
    LOGIN_PORT: "0",
    LOGIN_LINK_PORT: "0",
    CHAR_PORT: "0",
    CHAR_LINK_PORT: "0",
    MAP_PORT: "0",
    ...environment,
  });
  started.push(server);
  return server;
}

const portAfter = async (server: ServerProcess, name: string): Promise<string> =>
  (await server.untilSays(new RegExp(`"${name}":\\{"host":"127\\.0\\.0\\.1","port":(\\d+)\\}`)))[1] ?? "";

test("three processes on Redis and Postgres are one cluster, and stop in any order with everybody saved", async () => {
  const login = run("login", {});
  const LOGIN_LINK = `127.0.0.1:${await portAfter(login, "charServers")}`;
  const char = run("char", { LOGIN_LINK });
  const CHAR_LINK = `127.0.0.1:${await portAfter(char, "mapServers")}`;
  const map = run("map", { CHAR_LINK });
  await map.untilSays(/map-server ready/);
  const client = clientAt(Number(await portAfter(login, "clients")));

  const game = await enter(client);
  const there = await walkEast(game, 2);
  map.signal("SIGTERM");
  expect(await map.untilEnded()).toBe(0);
  expect((await game.closed).reason).toBe("server-stopping");

  // It gave its server lock back, so another of its name is let in at once.
  await run("map", { CHAR_LINK }).untilSays(/map-server ready/);
  const again = await enter(client);
  expect(again.position).toMatchObject(there);
  // Not to be started again.
  char.signal("SIGINT");
  expect(await char.untilEnded()).toBe(0);
  expect((await again.closed).reason).toBe("server-stopping");
  login.signal("SIGTERM");
  expect(await login.untilEnded()).toBe(0);
});

test("two map-servers share the maps of a world out, and a player walks from one to the other", async () => {
  const login = run("login", {});
  const LOGIN_LINK = `127.0.0.1:${await portAfter(login, "charServers")}`;
  const char = run("char", { LOGIN_LINK });
  const CHAR_LINK = `127.0.0.1:${await portAfter(char, "mapServers")}`;
  const share = (MAP_SERVER_NAME: string, MAPS_HOSTED: string): ServerProcess =>
    run("map", { CHAR_LINK, MAP_SERVER_NAME, MAPS_HOSTED, MAP_STEP_MS: "20" });
  const [harbour, forest] = [share("map-1", "harbour"), share("map-2", "forest")];
  await Promise.all([harbour.untilSays(/map-server ready/), forest.untilSays(/map-server ready/)]);
  const game = await enter(clientAt(Number(await portAfter(login, "clients"))));
  const walk = await game.walk(41, 1);
  expect(walk.ok).toBe(true);
  await until(() => game.hops === 1, { what: "the client is on the other map-server" });
  expect(game.position).toEqual({ map: "forest", x: 41, y: 60 });
  expect((await game.leave()).ok).toBe(true);
  await harbour.untilSays(/"went on to another map-server"/);
  await forest.untilSays(/"left"/);
});
